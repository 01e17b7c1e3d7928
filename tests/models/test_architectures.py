"""Every architecture that is there builds, sees one logit per image and learns; a new file is tested by existing."""

from __future__ import annotations

import urllib.error

import pytest
import torch

from cgid.errors import InputError
from cgid.models import architecture
from cgid.models.architecture import all_architectures, build

NAMES = list(all_architectures())


@pytest.mark.parametrize("name", NAMES)
def test_it_gives_one_logit_per_image_and_a_gradient_everywhere(name):
    torch.manual_seed(0)
    size = max(64, all_architectures()[name].smallest)
    network = build(name).train()
    logit = network(torch.randn(4, 3, size, size))
    assert logit.shape == (4, 1)
    logit.sum().backward()
    without = [n for n, p in network.named_parameters() if p.grad is None]
    assert not without


@pytest.mark.parametrize("name", NAMES)
def test_the_seed_decides_its_first_weights(name):
    def first() -> torch.Tensor:
        torch.manual_seed(3)
        return torch.cat([p.flatten() for p in build(name).parameters()])

    assert torch.equal(first(), first())


@pytest.mark.parametrize("name", NAMES)
def test_it_says_where_it_comes_from(name):
    made = all_architectures()[name]
    assert made.title and made.licence and made.paper.startswith("https://")


def test_resnet18_is_among_them_and_an_unknown_name_lists_them():
    assert "resnet18" in NAMES
    with pytest.raises(InputError, match="resnet18"):
        build("resnet17")


def test_published_weights_that_cannot_be_fetched_are_one_sentence_with_a_remedy(monkeypatch):
    def offline(imagenet: bool):
        raise urllib.error.URLError("no network")

    made = architecture.Architecture("far", "", "", "", offline)
    monkeypatch.setattr(architecture, "all_architectures", lambda: {"far": made})
    with pytest.raises(InputError, match="--weights none"):
        build("far", imagenet=True)

"""Every architecture that is there builds, sees one logit per image and learns; a new file is tested by existing."""

from __future__ import annotations

import subprocess
import sys
import urllib.error

import pytest
import torch
import torchvision

from cgid.errors import InputError
from cgid.models import architecture
from cgid.models.architecture import all_architectures, build

NAMES = list(all_architectures())
BIG = {"efficientnet_b4", "convnext_tiny"}  # a second of arithmetic each; seen at the least size only
OTHERS = ["squeezenet1_1", "densenet121", "shufflenet_v2_x0_5", "regnet_y_400mf", "mnasnet0_5", "swin_t"]


@pytest.mark.parametrize("name", NAMES)
def test_it_gives_one_logit_per_image_and_a_gradient_everywhere(name):
    torch.manual_seed(0)
    size = all_architectures()[name].smallest if name in BIG else max(64, all_architectures()[name].smallest)
    network = build(name).train()
    logit = network(torch.randn(4, 3, size, size))
    assert logit.shape == (4, 1)
    logit.sum().backward()
    without = [n for n, p in network.named_parameters() if p.grad is None]
    assert not without


@pytest.mark.parametrize("name", [n for n in NAMES if n not in BIG])
def test_the_seed_decides_its_first_weights(name):
    def first() -> torch.Tensor:
        torch.manual_seed(3)
        return torch.cat([p.flatten() for p in build(name).parameters()])

    assert torch.equal(first(), first())


@pytest.mark.parametrize("name", NAMES)
def test_it_says_where_it_comes_from(name):
    made = all_architectures()[name]
    assert made.title and made.licence and made.weights_licence and made.paper.startswith("https://")


@pytest.mark.parametrize("name", OTHERS)
def test_any_other_torchvision_classifier_is_one_by_its_name(name):
    with torch.inference_mode():
        assert build(f"torchvision:{name}").eval()(torch.zeros(2, 3, 64, 64)).shape == (2, 1)
    assert architecture.architecture(name).title.startswith(name)


def test_resnet18_is_torchvisions_with_one_logit_whatever_it_is_called():
    torch.manual_seed(1)
    expected = torchvision.models.resnet18()
    expected.fc = torch.nn.Linear(512, 1)
    torch.manual_seed(1)
    found = build("torchvision:resnet18").state_dict()
    assert all(torch.equal(found[k], v) for k, v in expected.state_dict().items())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("resnet17", "no classifier called 'resnet17'.*resnet18"),
        ("torchvision:", "no classifier called"),
        ("fasterrcnn_resnet50_fpn", "no plain image classifier"),
        ("torchvision:r3d_18", "no plain image classifier"),
        ("quantized_resnet18", "no plain image classifier"),
        ("inception_v3", "several outputs"),
        ("googlenet", "several outputs"),
    ],
)
def test_what_is_no_plain_classifier_is_refused_in_one_sentence(name, words):
    with pytest.raises(InputError, match=words) as caught:
        build(name)
    assert "\n" not in str(caught.value)


def test_listing_loads_nothing_slow():
    script = (
        "import sys; from cgid.models.architecture import all_architectures as a, recorded_architecture; "
        "from cgid.models.representation import all_representations as r; a(), r(), recorded_architecture('torchvision:vgg11'); "
        "sys.exit(bool({'torch', 'numpy', 'PIL'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], timeout=60).returncode == 0


@pytest.mark.parametrize("name", [*NAMES, "torchvision:shufflenet_v2_x0_5"])
def test_published_weights_that_cannot_be_fetched_are_one_sentence_with_a_remedy(name, monkeypatch, tmp_path):
    def offline(*args, **kwargs):
        raise urllib.error.URLError("no network")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("torch.hub.download_url_to_file", offline)
    with pytest.raises(InputError, match="--weights none"):
        build(name, imagenet=True)

"""A network is built again from the few words that were written down about it, with its input and its stem."""

from __future__ import annotations

import pytest
import torch

from cgid.errors import InputError
from cgid.models.architecture import all_architectures
from cgid.models.networks.network import NetworkSpec
from cgid.models.representation import all_representations

# Each architecture and each input once, the quick ones together; the rest follows from these.
PAIRS = [
    ("resnet18", "srm"),
    ("mobilenet_v3_large", "log_spectrum"),
    ("efficientnet_b0", "npr"),
    ("convnext_tiny", "srm"),
    ("efficientnet_b4", "rgb"),
    ("torchvision:shufflenet_v2_x0_5", "srm"),
]


def test_every_architecture_and_input_is_in_a_pair():
    assert {a for a, _ in PAIRS} >= set(all_architectures()) and {i for _, i in PAIRS} == set(all_representations())


@pytest.mark.parametrize(("arch", "view"), PAIRS)
def test_it_learns_on_tiny_images_and_is_built_again_from_its_words(arch, view):
    plan = NetworkSpec.from_options(arch, 32, view, "auto")
    assert plan.tiny_stem
    torch.manual_seed(0)
    network = plan.build().train()
    optimiser = torch.optim.SGD(network.parameters(), lr=0.01)
    batch = torch.randn(2, 3, 32, 32)
    before = [p.clone() for p in network.parameters()]
    network(batch).sum().backward()
    optimiser.step()
    learnt = [not torch.equal(a, b) for a, b in zip(before, network.parameters())]
    assert learnt[0] and learnt[-1] and sum(learnt) > len(learnt) / 2, (
        "some blocks are left out by chance (stochastic depth)"
    )
    again = NetworkSpec.from_manifest({"network": plan.to_json()}).build()
    again.load_state_dict(network.state_dict())
    with torch.inference_mode():
        found = network.eval()(batch)
        assert found.shape == (2, 1) and torch.equal(found, again.eval()(batch))


def shrinkage(network: torch.nn.Module, layer: str) -> int:
    """How many pixels a side become one before `layer`."""
    sides = []
    network.get_submodule(layer).register_forward_pre_hook(lambda module, given: sides.append(given[0].shape[-1]))
    with torch.inference_mode():
        network.eval()(torch.zeros(1, 3, 64, 64))
    return 64 // sides[0]


@pytest.mark.parametrize(
    ("arch", "layer", "standard", "tiny"),
    [
        ("resnet18", "layer1", 4, 1),
        ("resnet34", "layer1", 4, 1),
        ("mobilenet_v3_large", "features.1", 2, 1),
        ("efficientnet_b0", "features.1", 2, 1),
        ("convnext_tiny", "features.1", 4, 2),
        ("vgg11", "features.3", 2, 2),
    ],
)
def test_a_tiny_stem_keeps_what_a_standard_one_gives_up(arch, layer, standard, tiny):
    assert shrinkage(NetworkSpec(arch, 64).build(), layer) == standard
    assert shrinkage(NetworkSpec(arch, 64, tiny_stem=True).build(), layer) == tiny


def test_the_stem_is_chosen_by_the_size_of_the_images_unless_it_is_named():
    assert [NetworkSpec.from_options("resnet18", s, "rgb", "auto").tiny_stem for s in (32, 48, 49, 224)] == [
        True,
        True,
        False,
        False,
    ]
    assert NetworkSpec.from_options("resnet18", 224, "rgb", "tiny").tiny_stem
    assert not NetworkSpec.from_options("resnet18", 32, "rgb", "standard").tiny_stem
    with pytest.raises(InputError, match="--stem 'big' is not one of auto, tiny, standard"):
        NetworkSpec.from_options("resnet18", 32, "rgb", "big")


def test_a_run_from_before_there_was_a_choice_is_the_plain_network_on_rgb():
    old = {"config": {"arch": "resnet18"}, "preprocess": {"image_size": 32}}
    assert NetworkSpec.from_manifest(old) == NetworkSpec("resnet18", 32, "rgb", False)
    names = set(NetworkSpec.from_manifest(old).build().state_dict())
    assert {"conv1.weight", "fc.bias"} <= names and not any(n.startswith("network.") for n in names)


def test_a_size_the_network_does_not_take_is_one_sentence():
    with pytest.raises(InputError, match="--image-size 16 is too small for resnet18; it needs 32"):
        NetworkSpec("resnet18", 16).check()
    with pytest.raises(InputError, match=r"alexnet does not take images of 32 px .*try 224") as caught:
        NetworkSpec("torchvision:alexnet", 32).check()
    assert "\n" not in str(caught.value)
    NetworkSpec("torchvision:squeezenet1_1", 64, "srm").check()

"""Makes any torchvision classifier a detector: its last layer, of a thousand classes, becomes one logit.

Its models: https://docs.pytorch.org/vision/stable/models.html
"""

from __future__ import annotations

import torchvision
from torch import nn

from cgid.errors import InputError

CLASSES = 1000  # of ImageNet, which every classifier there is made for
# They answer with a second output while they train, which a single loss does not know what to do with.
SEVERAL_OUTPUTS = ("googlenet", "inception_v3")


def check_name(name: str) -> None:
    """Raises InputError where torchvision has no classifier of this name with one output."""
    if name in SEVERAL_OUTPUTS:
        raise InputError(f"{name} gives several outputs while it trains; choose another architecture.")
    if name in torchvision.models.list_models(module=torchvision.models):
        return
    if name in torchvision.models.list_models():
        raise InputError(
            f"{name} is no plain image classifier (torchvision has it for detection, segmentation, video, optical "
            f"flow or "
            "quantised inference); choose another architecture."
        )
    raise InputError(f"torchvision {torchvision.__version__} has no classifier called {name!r}.")


def classifier(name: str, imagenet: bool) -> nn.Module:
    """float32 (N, 3, S, S) to logits (N, 1). imagenet: start from the newest ImageNet-1k weights (fetched once).

    Raises OSError where the weights cannot be fetched.
    """
    network = torchvision.models.get_model(name, weights=_weights(name) if imagenet else None)
    heads = [(path, layer) for path, layer in network.named_modules() if _outputs(layer) == CLASSES]
    path, layer = heads[-1]
    if isinstance(layer, nn.Conv2d):
        head: nn.Module = nn.Conv2d(layer.in_channels, 1, layer.kernel_size)
    else:
        head = nn.Linear(layer.in_features, 1)
    network.set_submodule(path, head)
    return network


def _outputs(layer: nn.Module) -> int | None:
    return getattr(layer, "out_features", getattr(layer, "out_channels", None))


def _weights(name: str) -> object:
    """The newest weights trained on ImageNet-1k alone; others come under terms of their own or for larger images."""
    there = torchvision.models.get_model_weights(name)
    plain = sorted(w for w in there.__members__ if w.startswith("IMAGENET1K_V"))
    return there[plain[-1]] if plain else there.DEFAULT

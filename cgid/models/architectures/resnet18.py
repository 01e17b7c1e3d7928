"""ResNet-18: the small residual network that every other architecture is compared with.

He, Zhang, Ren, Sun (2016), "Deep Residual Learning for Image Recognition", CVPR. https://arxiv.org/abs/1512.03385
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cgid.models.architecture import Architecture

if TYPE_CHECKING:
    from torch.nn import Module


def _build(imagenet: bool) -> Module:
    from cgid.models.networks.classifier import classifier

    return classifier("resnet18", imagenet)


ARCHITECTURE = Architecture(
    name="resnet18",
    title="ResNet-18 (11 million weights)",
    paper="https://arxiv.org/abs/1512.03385",
    licence="BSD-3-Clause (torchvision)",
    weights_licence="ImageNet-1k training data: research terms",
    build=_build,
)

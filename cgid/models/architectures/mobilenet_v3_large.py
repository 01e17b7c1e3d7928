"""MobileNetV3-Large: small and quick, the network of the published CIFAKE workflow this project grows out of.

Howard, Sandler, Chu and others (2019), "Searching for MobileNetV3", ICCV. https://arxiv.org/abs/1905.02244
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cgid.models.architecture import Architecture

if TYPE_CHECKING:
    from torch.nn import Module


def _build(imagenet: bool) -> Module:
    from cgid.models.networks.classifier import classifier

    return classifier("mobilenet_v3_large", imagenet)


ARCHITECTURE = Architecture(
    name="mobilenet_v3_large",
    title="MobileNetV3-Large (4 million weights)",
    paper="https://arxiv.org/abs/1905.02244",
    licence="BSD-3-Clause (torchvision)",
    weights_licence="ImageNet-1k training data: research terms",
    build=_build,
)

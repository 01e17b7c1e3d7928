"""EfficientNet-B0: the smallest of a family scaled in depth, width and resolution together; few weights, slow on
processors.

Tan and Le (2019), "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML.
https://arxiv.org/abs/1905.11946

EfficientNet-B4: the member of its family that face-forgery benchmarks train most; wants a graphics card.

Tan and Le (2019), "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML.
https://arxiv.org/abs/1905.11946
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cgid.models.architecture import Architecture

if TYPE_CHECKING:
    from torch.nn import Module


def _build(imagenet: bool) -> Module:
    from cgid.models.networks.classifier import classifier

    return classifier("efficientnet_b0", imagenet)


EFFICIENTNET_B0 = Architecture(
    name="efficientnet_b0",
    title="EfficientNet-B0 (4 million weights)",
    paper="https://arxiv.org/abs/1905.11946",
    licence="BSD-3-Clause (torchvision)",
    weights_licence="ImageNet-1k training data: research terms",
    build=_build,
)


def _build_b4(imagenet: bool) -> Module:
    from cgid.models.networks.classifier import classifier

    return classifier("efficientnet_b4", imagenet)


EFFICIENTNET_B4 = Architecture(
    name="efficientnet_b4",
    title="EfficientNet-B4 (18 million weights)",
    paper="https://arxiv.org/abs/1905.11946",
    licence="BSD-3-Clause (torchvision)",
    weights_licence="ImageNet-1k training data: research terms",
    build=_build_b4,
)

ARCHITECTURES = (
    EFFICIENTNET_B0,
    EFFICIENTNET_B4,
)

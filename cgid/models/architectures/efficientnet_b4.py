"""EfficientNet-B4: the member of its family that face-forgery benchmarks train most; wants a graphics card.

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

    return classifier("efficientnet_b4", imagenet)


ARCHITECTURE = Architecture(
    name="efficientnet_b4",
    title="EfficientNet-B4 (18 million weights)",
    paper="https://arxiv.org/abs/1905.11946",
    licence="BSD-3-Clause (torchvision)",
    weights_licence="ImageNet-1k training data: research terms",
    build=_build,
)

"""ConvNeXt-Tiny: a convolutional network with the habits of transformers; strong from published weights, slow from
none.

Liu, Mao, Wu, Feichtenhofer, Darrell, Xie (2022), "A ConvNet for the 2020s", CVPR. https://arxiv.org/abs/2201.03545
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cgid.models.architecture import Architecture

if TYPE_CHECKING:
    from torch.nn import Module


def _build(imagenet: bool) -> Module:
    from cgid.models.networks.classifier import classifier

    return classifier("convnext_tiny", imagenet)


ARCHITECTURE = Architecture(
    name="convnext_tiny",
    title="ConvNeXt-Tiny (28 million weights)",
    paper="https://arxiv.org/abs/2201.03545",
    licence="BSD-3-Clause (torchvision)",
    weights_licence="ImageNet-1k training data: research terms",
    build=_build,
)

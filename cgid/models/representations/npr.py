"""How each pixel differs from the first of its 2 x 2 block: up-sampling in a generator ties these together.

Tan, Zhao, Wei, Gu, Liu, Wei (2024), "Rethinking the Up-Sampling Operations in CNN-based Generative Network for
Generalizable Deepfake Detection", CVPR. https://arxiv.org/abs/2312.10461
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cgid.models.representation import Representation

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

LEVELS = 8.0  # grey levels that become 1: about how much neighbours in a photograph differ


def residual(batch: Tensor, scale: Tensor) -> Tensor:
    """x - up2(down2(x)), nearest neighbour, per channel, in units of LEVELS; a last odd row or column stands alone."""
    from torch.nn.functional import interpolate

    height, width = batch.shape[-2:]
    coarse = interpolate(batch[:, :, ::2, ::2], scale_factor=2.0, mode="nearest")
    return (batch - coarse[:, :, :height, :width]) * scale


def _build(image_size: int) -> Module:
    import torch

    from cgid.models.networks.first_layers import FixedLayer
    from cgid.models.preprocess import STD

    return FixedLayer(residual, (255 / LEVELS * torch.tensor(STD)).reshape(1, 3, 1, 1))


REPRESENTATION = Representation(
    name="npr",
    title="NPR (neighbouring pixel relationships)",
    meaning="The network sees how pixels differ from their neighbours in blocks of 2 x 2, and no colours.",
    paper="https://arxiv.org/abs/2312.10461",
    build=_build,
)

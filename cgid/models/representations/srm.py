"""What neighbouring pixels fail to predict: noise and fine traces stay, content goes.

Fridrich and Kodovsky (2012), "Rich Models for Steganalysis of Digital Images", IEEE TIFS 7(3): a residual is truncated,
so that edges do not outweigh noise. The three filters are those that Zhou, Han, Morariu and Davis (2018), "Learning
Rich Features for Image Manipulation Detection", CVPR, chose from them (https://arxiv.org/abs/1805.04953); here each is
taken of red, green and blue apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cgid.models.representation import Representation

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

# (divisor q, filter): second order along rows, the 3 x 3 square, the 5 x 5 square.
FILTERS = (
    (2, ((0, 0, 0, 0, 0), (0, 0, 0, 0, 0), (0, 1, -2, 1, 0), (0, 0, 0, 0, 0), (0, 0, 0, 0, 0))),
    (4, ((0, 0, 0, 0, 0), (0, -1, 2, -1, 0), (0, 2, -4, 2, 0), (0, -1, 2, -1, 0), (0, 0, 0, 0, 0))),
    (12, ((-1, 2, -2, 2, -1), (2, -6, 8, -6, 2), (-2, 8, -12, 8, -2), (2, -6, 8, -6, 2), (-1, 2, -2, 2, -1))),
)
T = 16.0  # grey levels; wider than the 2 of a co-occurrence table, since a network reads more than the near-zero ones
SCALE = 4.0  # grey levels that become 1


def residuals(batch: Tensor, kernels: Tensor, divisor: Tensor, std: Tensor, mean: Tensor) -> Tensor:
    """(N, 9, S, S): for each colour the three residuals in grey levels, truncated to -T..T, in units of SCALE.

    Whole grey levels and whole filters first, the divisor after: exact even where products are rounded to 11 bits.
    """
    from torch.nn.functional import conv2d, pad

    levels = pad(batch * std + mean, (2, 2, 2, 2), mode="reflect")
    return (conv2d(levels, kernels, groups=3) / divisor).clamp(-T, T) / SCALE


def _build(image_size: int) -> Module:
    import torch

    from cgid.models.networks.first_layers import FixedLayer
    from cgid.models.preprocess import MEAN, STD

    kernels = torch.tensor([f for _, f in FILTERS], dtype=torch.float32)[:, None].repeat(3, 1, 1, 1)
    divisor = torch.tensor([float(q) for q, _ in FILTERS]).repeat(3).reshape(1, 9, 1, 1)
    std, mean = (255 * torch.tensor(v).reshape(1, 3, 1, 1) for v in (STD, MEAN))
    return FixedLayer(residuals, kernels, divisor, std, mean)


REPRESENTATION = Representation(
    name="srm",
    title="SRM residuals",
    meaning="The network sees what neighbouring pixels fail to predict: noise and fine traces without the content.",
    paper="https://doi.org/10.1109/TIFS.2012.2190402",
    channels=9,
    build=_build,
)

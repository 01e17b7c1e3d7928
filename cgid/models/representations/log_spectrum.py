"""How strong every frequency is: generators leave peaks and a wrong fall-off that no single pixel shows.

Frank, Eisenhofer, Schonherr, Fischer, Kolossa, Holz (2020), "Leveraging Frequency Analysis for Deep Fake Image
Recognition", ICML (there by a cosine transform). https://arxiv.org/abs/2003.08685
A Fourier transform by multiplication with fixed matrices, which every ONNX runtime computes alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cgid.models.representation import Representation

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

FLOOR = 0.005  # of a magnitude; the rounding of pixels to 8 bits alone makes about this much
CENTRE, SPREAD = -2.0, 2.0  # log magnitudes of photographs lie about there: the network is given about -1..1


def log_magnitude(batch: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """log sqrt(|DFT(x - mean)|^2 + FLOOR^2), orthonormal, frequency 0 in the middle, per channel, shifted and
    scaled."""
    import torch

    wave = batch - batch.mean(dim=(-2, -1), keepdim=True)
    along, across = torch.matmul(cosine, wave), torch.matmul(sine, wave)
    real = torch.matmul(along, cosine.T) - torch.matmul(across, sine.T)
    imaginary = torch.matmul(along, sine.T) + torch.matmul(across, cosine.T)
    return (0.5 * torch.log(real**2 + imaginary**2 + FLOOR**2) - CENTRE) / SPREAD


def _build(image_size: int) -> Module:
    import torch

    from cgid.models.networks.first_layers import FixedLayer

    place = torch.arange(image_size)
    turns = torch.outer(place - image_size // 2, place).remainder(image_size).double() / image_size
    angle, norm = 2 * torch.pi * turns, image_size**-0.5
    return FixedLayer(log_magnitude, (angle.cos() * norm).float(), (angle.sin() * norm).float())


REPRESENTATION = Representation(
    name="log_spectrum",
    title="Log spectrum",
    meaning="The network sees how strong every frequency of the image is, and not where anything stands.",
    paper="https://arxiv.org/abs/2003.08685",
    build=_build,
)

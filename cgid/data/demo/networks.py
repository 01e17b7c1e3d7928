"""The networks of the simulated generators; imported only where they run, since torch is slow to load."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


class Generator(nn.Module):
    """Encoder to a quarter of the side, decoder back. The kind decides how the decoder doubles the resolution.

    Input and output: float (N, 3, H, W) about -0.5..0.5, H and W multiples of 4.
    """

    def __init__(self, kind: str, wide: int) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(3, wide, 4, stride=2, padding=1),
            nn.LeakyReLU(0.1),
            nn.Conv2d(wide, 2 * wide, 4, stride=2, padding=1),
            nn.LeakyReLU(0.1),
            nn.Conv2d(2 * wide, 2 * wide, 1),
        )
        self.coarse = nn.Sequential(
            nn.Conv2d(2 * wide, 2 * wide, 3, padding=1), nn.LeakyReLU(0.1), _double(kind, 2 * wide, wide)
        )
        self.fine = nn.Sequential(nn.LeakyReLU(0.1), _double(kind, wide, 3 + wide // 2), nn.LeakyReLU(0.5))
        self.colour = nn.Conv2d(3 + wide // 2, 3, 3, padding=1)
        # As in StyleGAN2's skip generator, a small image is up-sampled in parallel, channel by channel: colours stay true.
        self.skip = nn.ModuleList([_double(kind, 3, 3, groups=3), _double(kind, 3, 3, groups=3)])

    def encode(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.encoder(images), functional.avg_pool2d(images, 4)

    def finish(self, half: torch.Tensor, small: torch.Tensor) -> torch.Tensor:
        """half: output of `coarse` (N, wide, H / 2, W / 2). small: the image at a quarter of its side."""
        for double in self.skip:
            small = double(small)
        return small + self.colour(self.fine(half))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        code, small = self.encode(images)
        return self.finish(self.coarse(code), small)


def _double(kind: str, inner: int, outer: int, groups: int = 1) -> nn.Module:
    if kind == "sim_transposed":
        # A kernel of 3 does not divide by the stride of 2: neighbouring pixels get unequal shares.
        return nn.ConvTranspose2d(inner, outer, 3, stride=2, padding=1, output_padding=1, groups=groups)
    if kind == "sim_nearest":
        return nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(inner, outer, 3, padding=1, groups=groups))
    raise ValueError(f"no simulated generator is called {kind!r}")

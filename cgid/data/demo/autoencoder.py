"""Two simulated generators: small auto-encoders that differ in how their decoder doubles the resolution.

Transposed convolutions leave a checkerboard, nearest-neighbour up-sampling with convolution leaves spectral replicas:
Odena et al., "Deconvolution and Checkerboard Artifacts", Distill 2016; Durall et al., CVPR 2020.
"""

from __future__ import annotations

import numpy as np

KINDS = ("sim_transposed", "sim_nearest")
CHANNELS = 16
PATCH, BATCH, STEPS = 64, 8, 300


def train(kind: str, images: np.ndarray, seed: int, steps: int = STEPS) -> dict[str, np.ndarray]:
    """Fit one generator to photographs, uint8 (N, H, W, 3): its weights by name. One thread, so the same everywhere.

    Raises ValueError on an unknown kind.
    """
    import torch

    _pin(seed)
    net = _network(kind)
    optimiser = torch.optim.Adam(net.parameters(), lr=4e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 6e-3, total_steps=steps)
    rng = np.random.default_rng(seed)
    side = min(PATCH, images.shape[1] // 4 * 4)
    for _ in range(steps):
        which, top, left = (
            rng.integers(len(images), size=BATCH),
            *rng.integers(images.shape[1] - side + 1, size=(2, BATCH)),
        )
        batch = np.stack([images[n, y : y + side, x : x + side] for n, y, x in zip(which, top, left)])
        target = _tensor(batch)
        loss = (net(target) - target).abs().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return {name: value.numpy() for name, value in net.state_dict().items()}


def generate(kind: str, weights: dict[str, np.ndarray], image: np.ndarray, colour: bool, seed: int) -> np.ndarray:
    """A simulated AI image after `image`, uint8 (H, W, 3), sides multiples of 4; its latent code is shaken by noise."""
    import torch

    _pin(seed)
    net = _network(kind)
    net.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    rng = np.random.default_rng(seed)
    with torch.no_grad():
        code, small = net.encode(_tensor(image[None]))
        # Sampling in the latent space: what is not copied from the photograph the decoder makes up as texture.
        strength = float(rng.uniform(0.0, 0.12)) * float(code.std())
        code = code + torch.from_numpy(rng.standard_normal(tuple(code.shape), np.float32)) * strength
        pixels = net.decode(code, small)[0].permute(1, 2, 0).numpy() * 255 + 127.5
    if not colour:
        pixels = np.repeat((pixels @ np.array([0.299, 0.587, 0.114], np.float32))[..., None], 3, axis=2)
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)


def _pin(seed: int) -> None:
    import torch

    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(seed)


def _tensor(images: np.ndarray):
    import torch

    return torch.from_numpy(images.astype(np.float32)).permute(0, 3, 1, 2).contiguous() / 255 - 0.5


def _network(kind: str):
    from cgid.data.demo.networks import Generator

    return Generator(kind, CHANNELS)

"""Two simulated generators: small auto-encoders that differ in the up-sampling of their decoder.

Transposed convolutions leave a checkerboard, nearest-neighbour up-sampling with convolution leaves spectral replicas:
Odena et al., "Deconvolution and Checkerboard Artifacts", Distill 2016; Durall et al., CVPR 2020.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np

from cgid.data.demo.camera import LUMA

KINDS = ("sim_transposed", "sim_nearest")
CHANNELS = 16
PATCH, BATCH, STEPS = 64, 8, 300
PEAK_RATE = 6e-3
SHAKE = 0.12  # strongest noise of the latent code, in its standard deviations
GRAIN = (0.1, 0.7)  # weakest and strongest noise of the fine texture, likewise


def train(kind: str, images: np.ndarray, seed: int, steps: int = STEPS) -> dict[str, np.ndarray]:
    """Fit one generator to photographs, uint8 (N, H, W, 3): its weights by name. One thread, so that results are reproducible.

    Raises ValueError on an unknown kind.
    """
    import torch

    with _repeatable(seed):
        net = _network(kind)
        optimiser = torch.optim.Adam(net.parameters())
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, total_steps=max(steps, 2))
        rng = np.random.default_rng(seed)
        side = min(PATCH, images.shape[1] // 4 * 4)
        for _ in range(steps):
            chosen = rng.integers(len(images), size=BATCH)
            top, left = rng.integers(images.shape[1] - side + 1, size=(2, BATCH))
            target = _tensor(np.stack([images[n, y : y + side, x : x + side] for n, y, x in zip(chosen, top, left)]))
            difference = net(target) - target
            # The second term keeps colours true, or a shifted hue would reveal the copy before any trace does.
            loss = difference.abs().mean() + 2 * torch.nn.functional.avg_pool2d(difference, 8).abs().mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        return {name: value.numpy() for name, value in net.state_dict().items()}


def generate(kind: str, weights: Mapping[str, np.ndarray], image: np.ndarray, colour: bool, seed: int) -> np.ndarray:
    """A simulated AI image after `image`, uint8 (H, W, 3), sides multiples of 4.

    Noise is added to its latent code and fine texture, so that details are not copied from the photograph.
    """
    import torch

    with _repeatable(seed), torch.no_grad():
        net = _network(kind)
        net.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
        rng = np.random.default_rng(seed)
        code, small = net.encode(_tensor(image[None]))
        code = code + _noise(code.shape, float(rng.uniform(0.0, SHAKE)) * float(code.std()), rng)
        half = net.coarse(code)
        half = half + _noise(half.shape, float(np.exp(rng.uniform(*np.log(GRAIN)))) * float(half.std()), rng)
        pixels = net.finish(half, small)[0].permute(1, 2, 0).numpy() * 255 + 127.5
    if not colour:
        pixels = np.repeat((pixels @ LUMA)[..., None], 3, axis=2)
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)


@contextmanager
def _repeatable(seed: int) -> Iterator[None]:
    """One thread and deterministic kernels within the context; restores the settings of torch afterwards."""
    import torch

    threads, exact = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(seed)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(exact)


def _noise(shape: tuple[int, ...], strength: float, rng: np.random.Generator):
    import torch

    return torch.from_numpy(rng.standard_normal(tuple(shape), np.float32)) * strength


def _tensor(images: np.ndarray):
    import torch

    return torch.from_numpy(images.astype(np.float32)).permute(0, 3, 1, 2).contiguous() / 255 - 0.5


def _network(kind: str):
    from cgid.data.demo.networks import Generator

    return Generator(kind, CHANNELS)

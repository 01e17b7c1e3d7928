"""Does feeding the network keep up with it? Images/s of the real training loop against bare steps on random tensors.

Run: python benchmarks/training.py [--images 560] [--size 128] [--batch 32] [--rounds 3] [--arch resnet18] [--device auto]

Both run the same network, optimiser, precision and batch size in turns in one process; a round is one epoch of each.
The loop decodes nothing within an epoch (images are in memory), but shuffles, shifts, flips, turns, normalises, reports
progress and writes its checkpoint at the end. The ratio of the best rounds is what the loader costs: 0.9 or more is
wanted. The time for reading the images once and for one whole epoch is printed beside.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import cgid.train.threads  # noqa: F401  (before torch)

# isort: split
import argparse
import tempfile
import time

import numpy as np
import torch
from PIL import Image

from cgid.models.architecture import build
from cgid.models.preprocess import Preprocess
from cgid.train import device as devices
from cgid.train.images import Images, cache_budget, reader, shift_margin
from cgid.train.loop import Recipe, Training


def make_images(folder: Path, count: int, size: int) -> list[str]:
    """Noise on a gradient, JPEG quality 90, twice the network's side."""
    random, side = np.random.default_rng(0), 2 * size
    ramp = np.linspace(0, 200, side)[None, :, None]
    paths = []
    for i in range(count):
        pixels = (ramp + random.integers(0, 56, (side, side, 3))).astype(np.uint8)
        paths.append(str(folder / f"{i}.jpg"))
        Image.fromarray(pixels).save(paths[-1], quality=90)
    return paths


def bare_epoch(training: Training, batch: torch.Tensor, target: torch.Tensor, steps: int) -> None:
    """The same steps without loader, schedule, progress or checkpoint."""
    network, optimiser, scaler = training.network.train(), training.optimiser, training.scaler
    for _ in range(steps):
        with torch.autocast(training.device.type, training.half, enabled=training.half is not None):
            logit = network(batch)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logit.float().reshape(-1), target)
        optimiser.zero_grad(set_to_none=True)
        scaler.scale(loss).backward()
        scaler.step(optimiser)
        scaler.update()


def timed(work, device: torch.device) -> tuple[float, float]:
    """(wall seconds, processor seconds)."""
    if device.type == "cuda":
        torch.cuda.synchronize()
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("images", 560), ("size", 128), ("batch", 32), ("rounds", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--arch", default="resnet18")
    parser.add_argument("--device", default="auto")
    options = parser.parse_args()
    devices.repeatable()
    device = devices.pick(options.device)
    with tempfile.TemporaryDirectory() as name, reader(0) as pool:
        folder = Path(name)
        paths = make_images(folder, options.images, options.size)
        preprocess = Preprocess(options.size, "crop")
        images = Images(paths, preprocess, pool, shift_margin(preprocess), cache_budget())
        reading, _ = timed(lambda: images.fill(lambda done, total: None), device)
        report(options, device, reading, rounds(options, device, images, folder))


def rounds(options, device: torch.device, images: Images, folder: Path) -> list[dict[str, tuple[float, float]]]:
    torch.manual_seed(0)
    rows, label = np.arange(options.images), np.arange(options.images) % 2
    recipe = Recipe(options.rounds + 1, options.batch, 1e-4, 0)
    network = build(options.arch)
    training = Training(network, images, rows, label, recipe, device, folder / "last.pt", lambda *_: None)
    shape = (-(-options.images // training.steps), 3, options.size, options.size)
    batch = torch.randn(shape, device=device).to(memory_format=torch.channels_last)
    target = (torch.arange(shape[0], device=device) % 2).float()
    found = []
    for i in range(options.rounds + 1):
        bare = timed(lambda: bare_epoch(training, batch, target, training.steps), device)
        loop = timed(training._epoch, device)
        if i:  # the first round warms up
            found.append({"bare": bare, "loop": loop})
    return found


def report(options, device: torch.device, reading: float, found: list[dict[str, tuple[float, float]]]) -> None:
    print(
        f"{options.arch}, {options.images} images, {options.size} px, batch {options.batch}, {devices.describe(device)}"
    )
    print(f"reading the images once: {reading:.2f} s, {options.images / reading:.0f} images/s")
    print(f"{'':24}{'images/s':>10}{'s/epoch':>10}{'images/CPU-s':>14}")
    best = {}
    for name, words in (("bare", "random tensors, no loader"), ("loop", "training loop")):
        wall, cpu = (min(r[name][k] for r in found) for k in (0, 1))
        best[name] = (options.images / wall, options.images / cpu)
        print(f"{words:24}{best[name][0]:10.1f}{wall:10.2f}{best[name][1]:14.1f}")
    print(f"{'ratio':24}{best['loop'][0] / best['bare'][0]:10.3f}{'':10}{best['loop'][1] / best['bare'][1]:14.3f}")


if __name__ == "__main__":
    main()

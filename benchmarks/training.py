"""Throughput of the training loop, in images per second, compared with bare steps on random tensors.

Run: python -m benchmarks.training [--sizes 64 224] [--batch 32] [--steps 8] [--rounds 3] [--arch resnet18]
     [--fit crop] [--side 0] [--augment none] [--device auto]

Both run the same network, optimiser, precision and batch size in turns in one process; a round is one epoch of each,
and the best rounds count. The loop shuffles, shifts, flips, turns, normalises and reports progress; `in memory` it
finds the decoded images there, `from disk` every image of every epoch is opened and decoded from its JPEG file again,
as in a data set that does not fit. `loader alone` makes the same batches ready for no network: how fast one could be
fed. Its checkpoint is left out: epochs are a few steps here, and the loop itself spends at most a twentieth of its time
on it. The ratio is what the loader costs; at least 0.85 is wanted. Where others use the machine, images a second of
processor time say more than those of the clock, unless the network runs on a graphics card.
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
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial

import numpy as np
import torch
from PIL import Image

from cgid.models.architecture import build
from cgid.models.image_cache import Images, cache_budget, reader, shift_margin
from cgid.models.preprocess import Preprocess
from cgid.settings import settings
from cgid.train import device as devices
from cgid.train.loader import prefetch
from cgid.train.loop import Training
from cgid.train.recipe import TrainingConfig

MIN_RATIO = 0.85


def make_images(folder: Path, count: int, side: int) -> tuple[list[str], float]:
    """(files, bits a pixel): JPEG, quality 90, with about as much in them as photos have."""
    random, ramp = np.random.default_rng(0), np.linspace(0, 160, side)[None, :, None]
    paths, size = [], 0
    for i in range(count):
        coarse = Image.fromarray(random.integers(0, 96, (side // 4, side // 4, 3)).astype(np.uint8))
        pixels = ramp + np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC)) / 2
        pixels = pixels + random.normal(0, 4, (side, side, 1)) + 20
        paths.append(str(folder / f"{side}_{i}.jpg"))
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(paths[-1], quality=90)
        size += Path(paths[-1]).stat().st_size
    return paths, 8 * size / (count * side * side)


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


def feed(training: Training) -> None:
    """Loads the batches of one epoch without using them."""
    plan, draws = training._plan()
    with ThreadPoolExecutor(settings().workers) as makers:
        for _ in prefetch(lambda rows: training._ready(rows, draws, makers), plan):
            pass


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
    parser.add_argument("--sizes", type=int, nargs="+", default=[64, 224], help="sides of the network's input, px")
    for name, default in (("batch", 32), ("steps", 8), ("rounds", 3), ("side", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    for name, default in (("arch", "resnet18"), ("fit", "crop"), ("augment", "none"), ("device", "auto")):
        parser.add_argument(f"--{name}", default=default)
    options = parser.parse_args()
    devices.repeatable()
    device = devices.pick(options.device)
    count = options.batch * options.steps
    half = devices.precision(device)
    print(f"{options.arch}, {count} images, batch {options.batch}, {devices.describe(device)}, {half or torch.float32}")
    print(f"{'':32}{'random tensors':>18}{'training loop':>18}{'loader alone':>18}{'ratio':>14}")
    print(f"{'px':>4} {'images':27}" + f"{'per s':>9}{'CPU-s':>9}" * 3 + f"{'clock':>7}{'CPU':>7}")
    with tempfile.TemporaryDirectory() as name, reader(0) as pool:
        for size in options.sizes:
            measure_size(options, size, device, Path(name), pool)


def measure_size(options, size: int, device: torch.device, folder: Path, pool: Executor) -> None:
    side = options.side or 2 * size
    paths, bits = make_images(folder, options.batch * options.steps, side)
    preprocess = Preprocess(size, options.fit)
    margin = shift_margin(preprocess)
    cached = Images(paths, preprocess, pool, margin, cache_budget())
    streamed = Images(paths, preprocess, pool, margin, 0)
    for images in (cached, streamed):
        images.fill(lambda done, total: None)
    trainings = {
        name: _training(options, images, device, folder)
        for name, images in (("in memory", cached), ("from disk", streamed))
    }
    shape = (options.batch, 3, size, size)
    batch = torch.randn(shape, device=device).to(memory_format=torch.channels_last)
    target = (torch.arange(shape[0], device=device) % 2).float()
    rates: dict[str, list[tuple[float, float]]] = {}
    for i in range(options.rounds + 1):
        work = {"bare": lambda: bare_epoch(trainings["in memory"], batch, target, options.steps)}
        for name, training in trainings.items():
            work |= {f"loop {name}": training._epoch, f"feed {name}": partial(feed, training)}
        seconds = {name: timed(each, device) for name, each in work.items()}
        for name in work if i else ():  # the first round warms up
            rates.setdefault(name, []).append(seconds[name])
    for name in trainings:
        what = f"{name}, JPEG {side} px, {bits:.1f} bit" if name == "from disk" else name
        report(size, what, len(paths), [rates[key] for key in ("bare", f"loop {name}", f"feed {name}")])


def _training(options, images: Images, device: torch.device, folder: Path) -> Training:
    torch.manual_seed(0)
    rows = np.arange(len(images.paths))
    recipe = TrainingConfig(options.rounds + 1, options.batch, 1e-4, 0, augment=options.augment)
    training = Training(
        build(options.arch), images, rows, rows % 2, recipe, device, folder / "last.pt", lambda *_: None
    )
    training._save = lambda: None
    return training


def report(size: int, what: str, count: int, rates: list[list[tuple[float, float]]]) -> None:
    speed = [[count / min(r[k] for r in rounds) for k in (0, 1)] for rounds in rates]
    ratio = [speed[1][k] / speed[0][k] for k in (0, 1)]
    figures = "".join(f"{value:9.0f}" for pair in speed for value in pair)
    print(
        f"{size:4} {what:27}{figures}{ratio[0]:7.2f}{ratio[1]:7.2f}{'' if max(ratio) >= MIN_RATIO else ' <'}",
        flush=True,
    )


if __name__ == "__main__":
    main()

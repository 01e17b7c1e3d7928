"""Speed of extraction: images per second at 1 and 2 workers, compared with Pillow decoding and re-encoding the same
files.

`python -m benchmarks.extraction [--sides 32 256 1024] [--groups a,b]`; synthetic images in a temporary folder. Pillow's
time (decode, convert to RGB, save as JPEG Q90 to memory; one process) is measured in the same run, before and after, so
that the ratio does not depend on the speed of the machine. The table of groups shows which is the slowest.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def make_images(folder: Path, count: int, side: int) -> list[Path]:
    """JPEG files, Q92, half smooth slope and half texture, so that their size is that of photographs."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(2026)
    paths = []
    for i in range(count):
        coarse = Image.fromarray(random.integers(0, 256, (max(2, side // 16), max(2, side // 16), 3), dtype=np.uint8))
        picture = np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC)).astype(np.int16)
        noisy = picture + random.normal(0, 4, picture.shape).astype(np.int16)
        paths.append(folder / f"{i:05}.jpg")
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(paths[-1], quality=92)
    lines = [
        "filepath,label,source,generator,split",
        *(f"{p.name},{('real', 'ai')[i % 2]},,," for i, p in enumerate(paths)),
    ]
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n")
    return paths


def count_of(side: int) -> int:
    """So many that starting the processes, about a second, does not decide the figure."""
    return max(240, min(4000, 60_000_000 // side**2))


def pillow_rate(paths: list[Path]) -> float:
    """Images a second that one process decodes and saves again."""
    started = time.perf_counter()
    for path in paths:
        Image.open(io.BytesIO(path.read_bytes())).convert("RGB").save(io.BytesIO(), "JPEG", quality=90)
    return len(paths) / (time.perf_counter() - started)


def extraction_rate(folder: Path, groups: str, workers: int) -> float:
    """Images a second of the whole step: hashing, start of the processes, measuring, store and table."""
    from cgid.extraction.extract import extract
    from cgid.extraction.params import ExtractParams

    os.environ["CGID_HOME"] = tempfile.mkdtemp(dir=folder)  # an empty store each time
    params = ExtractParams(folder / "manifest.csv", folder / f"{workers}.parquet", workers=workers, groups=groups)
    started = time.perf_counter()
    return extract(params)["rows"] / (time.perf_counter() - started)


def milliseconds(work: Callable[[], object], repeats: int = 5) -> float:
    """Least processor time of several runs, in this process."""
    taken = []
    for _ in range(repeats):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return 1000 * min(taken)


def per_group(path: Path, groups: str) -> list[tuple[str, float]]:
    """(what, ms) for one image: decoding, what groups share, then each group by itself on top of that."""
    from cgid.compute.worker import pin_threads
    from cgid.features.group import extract
    from cgid.features.registry import select_groups
    from cgid.features.signals import shared
    from cgid.imaging.image_file import ImageFile

    pin_threads()
    chosen = select_groups(groups)
    image = ImageFile.open(path)
    values, _ = extract(image, chosen)
    products = (shared.pixels, shared.luma, shared.block_dct)

    def share() -> None:
        fresh = ImageFile.__new__(ImageFile)
        fresh.__dict__ |= image.__dict__ | {"_made": {}}
        for make in products:
            fresh.cached(make)

    rows = [("open and decode", milliseconds(lambda: ImageFile.open(path)))]
    rows.append(("crop, luma, block DCT", milliseconds(share)))
    rows += [
        (key, milliseconds(lambda g=group, k=key: extract(image, {k: g}, values))) for key, group in chosen.items()
    ]
    rows.append(("all together", milliseconds(lambda: extract(ImageFile.open(path), chosen))))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sides", type=int, nargs="+", default=[32, 256, 1024], help="sides of the square images, px")
    parser.add_argument("--groups", default="", help="feature groups, comma-separated; empty = all")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        for side in args.sides:
            folder = Path(home) / str(side)
            paths = make_images(folder, count_of(side), side)
            before = pillow_rate(paths)
            rates = {workers: extraction_rate(folder, args.groups, workers) for workers in (1, 2)}
            pillow = (before + pillow_rate(paths)) / 2
            print(f"\n{len(paths)} JPEG images of {side} x {side} px")
            print(f"  {'Pillow decode + re-encode':28}{pillow:8.1f} images/s")
            for workers, rate in rates.items():
                text = f"extraction, {workers} worker{'s' * (workers > 1)}"
                print(f"  {text:28}{rate:8.1f} images/s   {pillow / rate:5.1f} times Pillow's time")
            print(f"  two workers are {rates[2] / rates[1]:.2f} times one")
            for name, taken in per_group(paths[0], args.groups):
                print(f"    {name:26}{taken:8.2f} ms")


if __name__ == "__main__":
    main()

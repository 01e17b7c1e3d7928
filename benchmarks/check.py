"""How long one image takes: `cgid check` in a new process, and warm in one that has models and libraries loaded."""

from __future__ import annotations

import argparse
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image


def photo(side: int, seed: int = 2026) -> bytes:
    """A JPEG (Q92) of smooth shapes and noise, side x side."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 255, (side // 32, side // 32, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC)).astype(float)
    noisy = np.clip(smooth + rng.normal(0, 4, smooth.shape), 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noisy).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def median(step, runs: int) -> float:
    """Seconds, median of `runs`."""
    taken = []
    for _ in range(runs):
        begun = time.perf_counter()
        step()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def recode(data: bytes) -> None:
    Image.open(io.BytesIO(data)).convert("RGB").save(io.BytesIO(), "JPEG", quality=90)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=1024, help="pixels (default: 1024)")
    parser.add_argument("--runs", type=int, default=5, help="timed runs; the median is printed (default: 5)")
    asked = parser.parse_args()
    from cgid.forensics.check import check

    data = photo(asked.side)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "photo.jpg"
        file.write_bytes(data)
        command = [sys.executable, "-m", "cgid", "check", "--no-record", str(file)]
        cold = median(
            lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ), asked.runs
        )
    first = check(data, "photo.jpg")
    warm = median(lambda: check(data, "photo.jpg"), asked.runs)
    reference = median(lambda: recode(data), asked.runs)
    answered = [name for name in ("model_a", "model_b") if getattr(first, name)]
    print(f"one JPEG of {asked.side} x {asked.side}, models: {', '.join(answered) or 'none'}")
    print(f"cold command  {cold:7.3f} s")
    print(f"warm          {warm:7.3f} s   {warm / reference:6.1f} x Pillow decode + re-encode")
    print(f"Pillow        {reference:7.3f} s")


if __name__ == "__main__":
    main()

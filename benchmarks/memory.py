"""Peak memory of one worker on a 50-megapixel photograph, step by step and per feature group.

`python -m benchmarks.memory [--groups a,b] [--cases jpeg,turned,progressive,png] [--width 8192 --height 6144]`;
synthetic images in a temporary folder. Each value is the peak resident memory of a new process that pins its threads,
opens the file and computes the groups one after another, as a worker does. On Linux the peak is reset at each step, so
that each group shows its own; on other systems the peak never falls, and a group shows only what it adds.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

CASES = {
    "jpeg": ("JPEG", "jpg", {"quality": 92}),
    "turned": ("JPEG", "jpg", {"quality": 92, "exif": 6}),
    "progressive": ("JPEG", "jpg", {"quality": 92, "progressive": True}),
    "png": ("PNG", "png", {"compress_level": 1}),
}


def make_image(folder: Path, case: str, width: int, height: int) -> Path:
    """A slope with noise: the size in bytes of a photograph."""
    format, extension, options = CASES[case]
    options = dict(options)
    if "exif" in options:
        exif = Image.Exif()
        exif[0x0112] = options["exif"]
        options["exif"] = exif
    random = np.random.default_rng(2026)
    pixels = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, 256):
        rows = min(256, height - top)
        slope = np.linspace(40, 200, width, dtype=np.float32)[None, :, None]
        noisy = slope + random.normal(0, 8, (rows, width, 3)).astype(np.float32)
        pixels[top : top + rows] = noisy.clip(0, 255)
    path = folder / f"{case}.{extension}"
    Image.fromarray(pixels).save(path, format, **options)
    return path


def peaks(path: Path, groups: list[str]) -> list[tuple[str, float]]:
    """[(step, peak in MB)]: libraries loaded, file opened, each group measured. In this process."""
    from cgid.compute.worker import pin_threads

    pin_threads()
    from cgid.features.group import extract
    from cgid.features.registry import all_groups
    from cgid.imaging.image_file import ImageFile

    chosen = {k: all_groups()[k] for k in groups}
    steps = [("libraries", _peak())]
    _begin_again()
    image = ImageFile.open(path)
    steps.append(("open", _peak()))
    known: dict[str, float] = {}
    for key, group in chosen.items():
        _begin_again()
        known |= extract(image, {key: group}, known)[0]
        steps.append((key, _peak()))
    return steps


def _begin_again() -> None:
    """Forget the peak so far (Linux, proc(5): 5 into clear_refs)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak() -> float:
    """MB (10^6 bytes) this process has held at most.

    Linux's own count for the program: getrusage's also counts what the parent held when it started this one.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / 1e6
    if sys.platform == "win32":
        import psutil

        return psutil.Process().memory_info().peak_wset / 1e6
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # macOS counts bytes


def in_fresh_process(path: Path, groups: list[str]) -> list[tuple[str, float]]:
    command = [sys.executable, "-m", "benchmarks.memory", "--here", str(path), "--groups", ",".join(groups)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [tuple(step) for step in json.loads(answer.stdout.splitlines()[-1])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--groups", default="", help="feature groups, comma-separated; empty = all")
    parser.add_argument("--cases", default=",".join(CASES), help="files to make, comma-separated")
    parser.add_argument("--width", type=int, default=8192, help="px")
    parser.add_argument("--height", type=int, default=6144, help="px")
    parser.add_argument("--here", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    from cgid.features.registry import select_groups

    groups = list(select_groups(args.groups))
    if args.here:
        print(json.dumps(peaks(args.here, groups)))
        return
    with tempfile.TemporaryDirectory() as folder:
        for case in args.cases.split(","):
            path = make_image(Path(folder), case, args.width, args.height)
            print(f"\n{case}: {args.width} x {args.height} px, {path.stat().st_size / 1e6:.0f} MB", flush=True)
            steps = in_fresh_process(path, groups)
            for step, peak in steps:
                print(f"  {step:24}{peak:8.0f} MB")
            print(f"  {'peak of the worker':24}{max(peak for _, peak in steps):8.0f} MB", flush=True)


if __name__ == "__main__":
    main()

"""Estimate for a million and for a billion images, extrapolated from rates and sizes measured on this machine.

`python -m benchmarks.scaleout [--images 60] [--sides 256 1024] [--machines 1 10 100] [--cores 32]`. Processor time is
measured, not elapsed time, so that load has little effect; fixed costs (start of processes, footers of files) are
removed by the difference between a small and a larger run. The assumptions are printed below the estimates.
"""

from __future__ import annotations

import argparse
import os
import pickle
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.extraction import make_images

FEW = 12  # images of the small run
MANY_ROWS = 50_000  # of the manifest whose share of the client's memory is measured
ASSUMPTIONS = """\
Taken for granted: every core is as fast as the one measured here and works {share:.0%} of the time (uneven chunks,
restarts, one slow disk); pictures like the made ones (JPEG Q92); disks and network deliver {mbit:.0f} Mbit/s for each
machine of {cores} cores, else they and not the cores set the pace. Model A is not among the groups: add its time.
One client hashes every file, hands out all chunks, and keeps manifest, contents and table in memory: beyond about
{rows:,.0f} rows for each 16 GB, or a client core that is always busy ({pace:,.0f} images/s), cut the manifest into
parts, one `cgid extract` each. A billion rows are never one run, and their table never one frame."""
SHARE = 0.8


@dataclass(frozen=True)
class Measured:
    """Of one image: seconds of processor time of workers and of the client; bytes of file, table row and store."""

    worker: float
    client: float
    file: float
    table: float
    store: float


def run(folder: Path, groups: str) -> tuple[float, float, int, int]:
    """(workers' and client's processor seconds, bytes of the table, bytes of the store) of one extraction."""
    from cgid.extraction import dispatch
    from cgid.extraction.extract import extract
    from cgid.extraction.params import ExtractParams

    dispatch.COMMIT_SECONDS = 3600  # a large run commits thousands of images at a time, however slow this one is
    with tempfile.TemporaryDirectory(dir=folder) as home:
        os.environ["CGID_HOME"] = home
        output = Path(home) / "features.parquet"
        before, client = os.times(), time.process_time()
        extract(ExtractParams(folder / "manifest.csv", output, workers=1, groups=groups))
        after = os.times()
        workers = sum(after[2:4]) - sum(before[2:4])
        store = sum(f.stat().st_size for f in (Path(home) / "artifacts").rglob("*.parquet"))
        return workers, time.process_time() - client, output.stat().st_size, store


def measure(home: Path, side: int, images: int, groups: str) -> Measured:
    few = make_images(home / f"few{side}", FEW, side)
    many = make_images(home / f"many{side}", FEW + images, side)
    run(few[0].parent, groups)  # libraries are read from the disk once
    small, large = run(few[0].parent, groups), run(many[0].parent, groups)
    each = [max(0.0, b - a) / images for a, b in zip(small, large)]
    return Measured(each[0], each[1], sum(p.stat().st_size for p in many) / len(many), each[2], each[3])


def client_bytes_per_row(columns: int) -> float:
    """Memory of one row of the manifest in the client, and of its row of the table."""
    import psutil

    from cgid.data.manifest import read_manifest
    from cgid.extraction.plan import Content

    text = "filepath,label,source,generator,split\n"
    text += "".join(f"/data/set/train/images/{i:09}.jpg,real,camera,,train\n" for i in range(MANY_ROWS))
    before = psutil.Process().memory_info().rss
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "m.csv").write_text(text)
        frame = read_manifest(Path(folder) / "m.csv")
    contents = [Content(f"{i:064x}.jpg", path, 1, (i,)) for i, path in enumerate(frame["path"])]
    stored = psutil.Process().memory_info().rss - before
    return stored / len(contents) + 2 * 8 * columns  # the table is built once and written once


def estimate(images: float, one: Measured, machines: int, cores: int) -> tuple[float, float]:
    """(core-hours, hours)."""
    core_hours = images * one.worker / SHARE / 3600
    return core_hours, core_hours / (machines * cores)


def lasting(hours: float) -> str:
    if hours < 2:
        return f"{60 * hours:.0f} min"
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} days"


def human(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if size < 1000 or unit == "TB":
            return f"{size:,.0f} {unit}" if size >= 10 else f"{size:.1f} {unit}"
        size /= 1000
    return ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=60, help="images of each size that are measured")
    parser.add_argument("--sides", type=int, nargs="+", default=[256, 1024], help="sides of the square images, px")
    parser.add_argument("--machines", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--cores", type=int, default=32, help="of each machine")
    parser.add_argument("--groups", default="", help="feature groups, comma-separated; empty = all")
    args = parser.parse_args()
    from cgid.extraction.worker import ExtractChunk
    from cgid.features.registry import select_groups

    groups = select_groups(args.groups)
    columns = sum(len(g.columns) for g in groups.values())
    row = client_bytes_per_row(columns)
    print(
        f"{len(groups)} groups, {columns} columns; function {len(pickle.dumps(ExtractChunk(groups)))} bytes a process"
    )
    with tempfile.TemporaryDirectory() as home:
        for side in args.sides:
            one = measure(Path(home), side, args.images, args.groups)
            print(
                f"\nJPEG of {side} x {side} px, {human(one.file)}: {1000 * one.worker:.1f} ms of a core, "
                f"{3600 / one.worker:,.0f} images a core-hour; client {1000 * one.client:.2f} ms; "
                f"table {human(one.table)}, store {human(one.store)} a row"
            )
            heads = "".join(f"{f'{m} x {args.cores} cores':>16}" for m in args.machines)
            print(f"{'images':>14}{'core-hours':>14}{heads}{'table':>10}{'store':>10}{'images sent':>14}")
            for images in (1e6, 1e9):
                core_hours = estimate(images, one, 1, args.cores)[0]
                hours = "".join(f"{lasting(estimate(images, one, m, args.cores)[1]):>16}" for m in args.machines)
                sizes = f"{human(images * one.table):>10}{human(images * one.store):>10}{human(images * one.file):>14}"
                print(f"{images:>14,.0f}{core_hours:>14,.0f}{hours}{sizes}")
            clients = "".join(f"{m * args.cores * SHARE / one.worker * one.client:>16.1f}" for m in args.machines)
            print(f"{'client cores busy meanwhile':>28}{clients}")
    mbit = one.file * 8 / 1e6 * args.cores / one.worker
    print()
    print(ASSUMPTIONS.format(share=SHARE, mbit=mbit, cores=args.cores, rows=round(16e9 / row, -5), pace=1 / one.client))


if __name__ == "__main__":
    main()

"""Make the two embedded demo sets, both wholly simulated: `leaky` (format gives the label away) and `matched`."""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from cgid import files
from cgid.artifacts import SCANNED_MANIFEST
from cgid.compute.map import map_chunks
from cgid.data.demo import make
from cgid.data.demo.autoencoder import KINDS
from cgid.data.demo.plan import GENERATORS, Shot, draw
from cgid.data.params import DemoDataParams
from cgid.errors import InputError
from cgid.progress import Report
from cgid.settings import settings

RECIPE = 1  # raise it when the same parameters would give other images
CARD = "demo.json"
COLUMNS = ("filepath", "label", "source", "generator", "split", "group", "simulated")
BATCH = 12


def build(params: DemoDataParams, report: Report) -> dict:
    """Write `output_dir/leaky` and `output_dir/matched`: images, `manifest.csv`, `demo.json`.

    A version is either whole or not there: it grows in a hidden folder and is renamed at the end. One that is there
    with the same parameters is kept. Same seed, same machine: the same files. Raises InputError where a folder of
    that name holds something else.
    """
    from filelock import FileLock

    shots = draw(params.count, params.size, params.seed)
    folder = Path(params.output_dir)
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".demo.lock"):
        missing = tuple(v for v in make.VERSIONS if not _is_done(folder / v, params))
        for stale in folder.glob(".building-*"):  # of a build that was killed: we hold the lock, nobody uses it
            shutil.rmtree(stale)
        if missing:
            growing = folder / f".building-{os.getpid()}"
            try:
                _grow(params, shots, growing, missing, report)
                for version in missing:
                    os.replace(growing / version, folder / version)
            finally:
                shutil.rmtree(growing, ignore_errors=True)
    report(len(shots), len(shots), "done")
    makers = Counter(s.maker for s in shots)
    verb = "Made" if missing else "Found"
    return {
        "summary": f"{verb} two simulated demo sets of {len(shots)} images each: {makers['real']} crops through "
        f"simulated cameras and {len(shots) - makers['real']} images of {len(GENERATORS)} simulated generators.",
        "folders": {v: str(folder / v) for v in make.VERSIONS},
        "made": list(missing),
        "images": dict(makers),
        "groups": len({s.group for s in shots}),
        "simulated": True,
    }


def _wanted(params: DemoDataParams) -> dict:
    return {"recipe": RECIPE, "count": params.count, "size": params.size, "seed": params.seed}


def _is_done(folder: Path, params: DemoDataParams) -> bool:
    if not folder.exists():
        return False
    card = folder / CARD
    if not card.is_file():
        raise InputError(f"{folder} is there and was not made by the demo; move it away or choose another folder.")
    have = files.read_json(card)
    if wrong := [f"{k} {have.get(k)}, not {v}" for k, v in _wanted(params).items() if have.get(k) != v]:
        raise InputError(f"{folder} holds another demo set ({'; '.join(wrong)}); remove it or choose another folder.")
    return True


def _grow(params: DemoDataParams, shots: list[Shot], growing: Path, versions: tuple[str, ...], report: Report) -> None:
    """Train the simulated generators beside the work that does not need them, then let them generate."""
    rows: dict[str, list[dict]] = {v: [] for v in versions}
    weights: dict[str, Mapping] = {}
    done = 0

    def run(tasks: Iterable[make.Batch | make.Training], note: str) -> None:
        nonlocal done
        for _, result in map_chunks(make.work, tasks, workers=settings().workers):
            if isinstance(result, Exception):
                raise result
            if "weights" in result:
                weights[result["kind"]] = result["weights"]
                continue
            for version in versions:
                rows[version] += result["rows"][version]
            done += len(result["rows"][versions[0]])
            report(done, len(shots), note)

    def batches(makers: Iterable[str]) -> Iterator[make.Batch]:
        for maker in makers:
            own = [s for s in shots if s.maker == maker]
            for start in range(0, len(own), BATCH):
                part = tuple(own[start : start + BATCH])
                yield make.Batch(part, params.size, params.seed, growing, versions, weights.get(maker))

    report(0, len(shots), "training two simulated generators")
    trainings = [make.Training(kind, params.size, params.seed) for kind in KINDS]
    run([*trainings, *batches(("sim_render", "real"))], "simulated renders and camera images")
    run(batches(KINDS), "simulated generators at work")
    for version in versions:
        rows[version].sort(key=lambda row: row["filepath"])
        files.write_bytes(growing / version / SCANNED_MANIFEST, _csv(rows[version]))
        files.write_json(growing / version / CARD, _card(params, version, rows[version]))


def _csv(rows: list[dict]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _card(params: DemoDataParams, version: str, rows: list[dict]) -> dict:
    about = {
        "leaky": "Simulated. The trap: every real image is a JPEG with EXIF, every AI image a PNG.",
        "matched": "Simulated. Both sides went through the same crops and the same JPEG qualities, without metadata.",
    }
    return {
        **_wanted(params),
        "simulated": True,
        "about": about[version],
        "labels": Counter(r["label"] for r in rows),
        "generators": Counter(r["generator"] for r in rows),
    }

"""Build the two embedded demo sets, both fully simulated: `leaky` (the format leaks the label) and `matched`."""

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
from cgid.data.demo.plan import GENERATORS, DemoImage, plan_images
from cgid.data.params import DemoDataParams
from cgid.errors import InputError
from cgid.progress import Progress
from cgid.settings import settings

RECIPE_VERSION = 1  # increase when the same parameters would give other images
CARD_FILE = "demo.json"
COLUMNS = ("filepath", "label", "source", "generator", "split", "group", "simulated")
BATCH = 12


def build(params: DemoDataParams, progress: Progress) -> dict:
    """Write `output_dir/leaky` and `output_dir/matched`: images, `manifest.csv`, `demo.json`.

    Versions are written atomically: each is built in a hidden folder and renamed at the end. An existing one with the
    same parameters is reused. Same seed, same machine: the same files. Raises InputError where a folder of that name
    has other contents.
    """
    from filelock import FileLock

    shots = plan_images(params.count, params.size, params.seed)
    folder = Path(params.output_dir)
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".demo.lock"):
        missing = tuple(v for v in make.VERSIONS if not _is_done(folder / v, params))
        for stale in folder.glob(".building-*"):  # of an interrupted build: the lock is held, so it is not in use
            shutil.rmtree(stale)
        if missing:
            growing = folder / f".building-{os.getpid()}"
            try:
                _build_versions(params, shots, growing, missing, progress)
                for version in missing:
                    os.replace(growing / version, folder / version)
            finally:
                shutil.rmtree(growing, ignore_errors=True)
    progress(len(shots), len(shots), "done")
    makers = Counter(s.maker for s in shots)
    verb = "Built" if missing else "Found"
    return {
        "summary": f"{verb} two simulated demo sets of {len(shots)} images each: {makers['real']} crops through "
        f"simulated cameras and {len(shots) - makers['real']} images of {len(GENERATORS)} simulated generators.",
        "folders": {v: str(folder / v) for v in make.VERSIONS},
        "made": list(missing),
        "images": dict(makers),
        "groups": len({s.group for s in shots}),
        "simulated": True,
    }


def _build_params(params: DemoDataParams) -> dict:
    return {"recipe": RECIPE_VERSION, "count": params.count, "size": params.size, "seed": params.seed}


def _is_done(folder: Path, params: DemoDataParams) -> bool:
    if not folder.exists():
        return False
    card = folder / CARD_FILE
    if not card.is_file():
        raise InputError(f"{folder} exists and was not built by the demo; move it or choose another folder.")
    have = files.read_json(card)
    if wrong := [f"{k} {have.get(k)}, not {v}" for k, v in _build_params(params).items() if have.get(k) != v]:
        raise InputError(f"{folder} holds another demo set ({'; '.join(wrong)}); remove it or choose another folder.")
    return True


def _build_versions(
    params: DemoDataParams, shots: list[DemoImage], growing: Path, versions: tuple[str, ...], progress: Progress
) -> None:
    """Train the simulated generators in parallel with the images that do not need them, then generate."""
    rows: dict[str, list[dict]] = {v: [] for v in versions}
    weights: dict[str, Mapping] = {}
    done = 0

    def run(tasks: Iterable[make.Batch | make.Training], note: str) -> None:
        nonlocal done
        for _, result in map_chunks(make.run_task, tasks, workers=settings().workers):
            if isinstance(result, Exception):
                raise result
            if "weights" in result:
                weights[result["kind"]] = result["weights"]
                continue
            for version in versions:
                rows[version] += result["rows"][version]
            done += len(result["rows"][versions[0]])
            progress(done, len(shots), note)

    def batches(makers: Iterable[str]) -> Iterator[make.Batch]:
        for maker in makers:
            own = [s for s in shots if s.maker == maker]
            for start in range(0, len(own), BATCH):
                part = tuple(own[start : start + BATCH])
                yield make.Batch(part, params.size, params.seed, growing, versions, weights.get(maker))

    progress(0, len(shots), "training two simulated generators")
    trainings = [make.Training(kind, params.size, params.seed) for kind in KINDS]
    run([*trainings, *batches(("sim_render", "real"))], "simulated renders and camera images")
    run(batches(KINDS), "simulated generators at work")
    for version in versions:
        rows[version].sort(key=lambda row: row["filepath"])
        files.write_bytes(growing / version / SCANNED_MANIFEST, _csv(rows[version]))
        files.write_json(growing / version / CARD_FILE, _card(params, version, rows[version]))


def _csv(rows: list[dict]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _card(params: DemoDataParams, version: str, rows: list[dict]) -> dict:
    about = {
        "leaky": "Simulated. Leaky on purpose: every real image is a JPEG with EXIF, every AI image a PNG.",
        "matched": "Simulated. Both classes have the same crops and the same JPEG qualities, without metadata.",
    }
    return {
        **_build_params(params),
        "simulated": True,
        "about": about[version],
        "labels": Counter(r["label"] for r in rows),
        "generators": Counter(r["generator"] for r in rows),
    }

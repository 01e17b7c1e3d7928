"""Binds the feature group `model_a` to one run: its out-of-fold values where available, else its network.

Extraction replaces the group's `compute` with `bind`; without a run the group has no value.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from cgid.artifacts import ONNX_MODEL, RUN_MANIFEST, predictions_file
from cgid.compute.limits import SharedFiles, shared_folder
from cgid.features.group import FeatureGroup
from cgid.files import sha256_of
from cgid.models.onnx_model import OnnxModel
from cgid.runs.store import current, load_run

if TYPE_CHECKING:
    import pyarrow as pa

    from cgid.imaging.image_file import ImageFile

OUT_OF_FOLD, TRAIN = predictions_file("oof"), predictions_file("train")


def run_folder(requested: Path | None) -> Path | None:
    """The folder of the requested run, else of the current one; None where there is none."""
    run = load_run(requested) if requested else current("model_a")
    return run.folder if run else None


def bind(group: FeatureGroup, folder: Path) -> FeatureGroup:
    """The group bound to this run. Its variant covers the network and its training images.

    Raises InputError where the run has no usable ONNX file.
    """
    folder = Path(folder).absolute()
    parts = [OnnxModel.load(folder, threads=1).sha256]
    parts += [sha256_of(folder / name) if (folder / name).is_file() else "" for name in (OUT_OF_FOLD, TRAIN)]
    variant = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return replace(group, compute=partial(probability, str(folder), variant), variant=partial(str, variant))


def files_of(bound: FeatureGroup, folder: Path) -> SharedFiles:
    """The files that a worker needs which cannot see the run's folder."""
    names = (RUN_MANIFEST, ONNX_MODEL, OUT_OF_FOLD, TRAIN)
    paths = (Path(folder).absolute() / name for name in names)
    assert bound.variant is not None, "a bound group has a variant"
    return SharedFiles(bound.variant(), tuple(path for path in paths if path.is_file()))


def probability(run_folder: str, variant: str, image: ImageFile) -> dict[str, float]:
    """{"probability": P(ai), raw}. variant: distinguishes runs written to the same folder at different times."""
    left_out, trained = run_probabilities(run_folder, variant)
    if image.sha256 in left_out:
        return {"probability": left_out[image.sha256]}
    if image.sha256 in trained:
        return {"probability": math.nan}
    return {"probability": float(_network(run_folder, variant).probabilities([image.rgb])[0])}


@lru_cache(maxsize=1)
def _network(run_folder: str, variant: str) -> OnnxModel:
    return OnnxModel.load(shared_folder(variant) or run_folder, threads=1)


@lru_cache(maxsize=1)
def run_probabilities(run_folder: str, variant: str) -> tuple[dict[str, float], frozenset[str]]:
    """({sha256: out-of-fold probability}, sha256 of every image trained on)."""
    folder = shared_folder(variant) or Path(run_folder)
    left_out: dict[str, float] = {}
    trained: frozenset[str] = frozenset()
    if (path := folder / OUT_OF_FOLD).is_file():
        table = _columns(path, "sha256", "probability")
        left_out = dict(zip(table.column("sha256").to_pylist(), table.column("probability").to_pylist()))
    if (path := folder / TRAIN).is_file():
        trained = frozenset(_columns(path, "sha256").column("sha256").to_pylist())
    return left_out, trained


def _columns(path: Path, *names: str) -> pa.Table:
    """Columns of a Parquet file; not by `read_table`, which imports pandas and delays a first check by half a second."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        return file.read(columns=list(names))

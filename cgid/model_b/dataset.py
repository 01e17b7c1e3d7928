"""Builds Model B's data set: samples images of both classes from manifests, extracts features, writes a label map."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cgid.artifacts import FEATURE_TABLE, MODEL_B_BUILD_SUMMARY, MODEL_B_FEATURES, MODEL_B_LABEL_MAP
from cgid.errors import InputError
from cgid.files import sha256_of, write_json
from cgid.model_b.params import BuildModelBDatasetParams
from cgid.progress import Progress

if TYPE_CHECKING:
    import pandas as pd

SAME_EXTENSION = {"jpeg": "jpg", "jpe": "jpg", "jfif": "jpg", "tiff": "tif"}


def build(params: BuildModelBDatasetParams, progress: Progress) -> dict:
    """Manifests in, labelled feature table out. Raises InputError where the manifests cannot give both classes.

    Rows that Model A was trained on carry its out-of-fold probability (extraction sees to it). Killed and started
    again, extraction goes on from what its store holds, and the draw is the same by its seed.
    """
    from cgid.extraction.extract import extract
    from cgid.extraction.params import ExtractParams
    from cgid.features.table import read_features, write_features

    if params.per_class < 1:
        raise InputError("--per-class must be at least 1.")
    everything = read_manifests(params.manifest)
    usable, left_out = usable_rows(everything, params)
    sampled, unshared = sample_with_overlap(usable, params)
    left_out |= {"its file extension would be drawn for one class only": unshared} if unshared else {}
    folder = params.output_dir
    folder.mkdir(parents=True, exist_ok=True)
    _write_sample(sampled, folder / "drawn.csv")
    extracted = folder / FEATURE_TABLE
    extract(ExtractParams(manifest=folder / "drawn.csv", output=extracted, workers=params.workers), progress)
    table = read_features(extracted)
    write_features(table, folder / MODEL_B_FEATURES)
    _label_map(table, sampled, folder / MODEL_B_LABEL_MAP)
    summary = _summary(params, everything, left_out, sampled, table)
    write_json(folder / MODEL_B_BUILD_SUMMARY, summary)
    return {"features_csv": str(folder / MODEL_B_FEATURES), **{k: summary[k] for k in ("drawn", "measured", "summary")}}


def read_manifests(manifests: tuple[Path, ...]) -> pd.DataFrame:
    """All rows of the manifests with `path`, `manifest`, `extension` and `group` (the image itself where not given)."""
    import pandas as pd

    from cgid.data.manifest import read_manifest

    frames = []
    for path in manifests:
        frame = read_manifest(path)
        frame["manifest"] = str(path)
        frames.append(frame)
    rows = pd.concat(frames, ignore_index=True)
    suffix = rows["path"].map(lambda p: Path(p).suffix.lower().lstrip("."))
    rows["extension"] = suffix.map(lambda s: SAME_EXTENSION.get(s, s))
    for column in ("sha256", "group"):
        rows[column] = rows[column].fillna("").astype(str) if column in rows else ""
    rows["content"] = rows["sha256"].where(rows["sha256"] != "", rows["path"])
    rows["group"] = rows["group"].where(rows["group"] != "", rows["content"])
    return rows


def usable_rows(rows: pd.DataFrame, params: BuildModelBDatasetParams) -> tuple[pd.DataFrame, dict[str, int]]:
    """(rows that may be drawn, {reason: rows left out}). Raises InputError where a class is left without any."""
    left_out: dict[str, int] = {}

    def keep(frame: pd.DataFrame, good: pd.Series, reason: str) -> pd.DataFrame:
        if bad := int((~good).sum()):
            left_out[reason] = bad
        return frame[good]

    labels = rows.groupby("content")["label"].transform("nunique")
    rows = keep(rows, labels == 1, "the same image is labelled real and ai")
    rows = keep(rows, ~rows.duplicated("content"), "the same image is listed more than once")
    rows = keep(rows, rows["path"].map(lambda p: Path(p).is_file()), "the file is not there")
    by_class = {label: set(rows.loc[rows["label"] == label, "extension"]) for label in ("real", "ai")}
    if params.require_extension_overlap:
        shared = by_class["real"] & by_class["ai"]
        if not shared:
            raise InputError(
                f"Real images are {_listed(by_class['real'])}, AI images {_listed(by_class['ai'])}: no file extension "
                "is shared; bring both classes into one format, or leave --require-extension-overlap out."
            )
        rows = keep(rows, rows["extension"].isin(shared), "its file extension belongs to one class only")
        by_class = {label: extensions & shared for label, extensions in by_class.items()}
    for label, extensions in by_class.items():
        if not (rows["label"] == label).any():
            raise InputError(f"The manifests give no usable {label} image ({_listed(left_out) or 'none is listed'}).")
        if len(extensions) < params.min_unique_extensions_per_class:
            raise InputError(
                f"{label} images have {len(extensions)} file extensions ({_listed(extensions)}); "
                f"--min-unique-extensions-per-class asks for {params.min_unique_extensions_per_class}."
            )
    return rows, left_out


def sample_with_overlap(rows: pd.DataFrame, params: BuildModelBDatasetParams) -> tuple[pd.DataFrame, int]:
    """(what is drawn, rows left out for it): the flags on file extensions hold for the draw, not only for the rows.

    A rare extension may be drawn for one class alone; with --require-extension-overlap it is then left out and the
    sample is drawn again. Raises InputError where the draw cannot hold what the flags ask for.
    """
    remaining = rows
    while True:
        sampled = sample(remaining, params.per_class, params.seed)
        extensions_of = {label: set(sampled.loc[sampled["label"] == label, "extension"]) for label in ("real", "ai")}
        shared = extensions_of["real"] & extensions_of["ai"]
        if not params.require_extension_overlap or extensions_of["real"] == extensions_of["ai"]:
            break
        if not shared:
            raise InputError(
                f"Drawn were real images of {_listed(extensions_of['real'])} and AI images of "
                f"{_listed(extensions_of['ai'])}, and no file "
                "extension is shared; raise --per-class, or take another --seed."
            )
        remaining = remaining[remaining["extension"].isin(shared)]
    for label, extensions in extensions_of.items():
        if len(extensions) < params.min_unique_extensions_per_class:
            raise InputError(
                f"The {int((sampled['label'] == label).sum())} {label} images drawn have {len(extensions)} file "
                f"extensions "
                f"({_listed(extensions)}); --min-unique-extensions-per-class asks for "
                f"{params.min_unique_extensions_per_class}: raise --per-class, or take another --seed."
            )
    return sampled, len(rows) - len(remaining)


def sample(rows: pd.DataFrame, per_class: int, seed: int) -> pd.DataFrame:
    """`per_class` rows of each class (all where there are fewer), the same for the same seed.

    Groups are taken whole, in an order drawn by seed that both classes share, so that pairs made from one source are
    drawn together; only the last group of a class and split may be cut. Splits keep their proportions.
    """
    import pandas as pd

    def hash_of(text: str) -> str:
        return hashlib.sha256(f"{seed}:{text}".encode()).hexdigest()

    order = rows.assign(_group=rows["group"].map(hash_of), _row=rows["content"].map(hash_of))
    order = order.sort_values(["_group", "_row"], kind="stable")
    chosen = []
    for _, part in order.groupby("label", sort=True):
        sizes = part["split"].value_counts().sort_index()
        exact = sizes * (min(per_class, len(part)) / len(part))
        quota = np.floor(exact).astype(int)
        for split in (exact - quota).sort_values(ascending=False, kind="stable").index:
            if quota.sum() < min(per_class, len(part)):
                quota[split] += 1
        chosen += [part[part["split"] == split].head(count) for split, count in quota.items()]
    return pd.concat(chosen).sort_index().drop(columns=["_group", "_row"])


def _write_sample(sampled: pd.DataFrame, path: Path) -> None:
    from cgid.data.manifest import write_manifest

    out = sampled.drop(columns=["content", "extension", "manifest"])
    write_manifest(out.drop(columns="sha256") if (out["sha256"] == "").all() else out, path)


def _label_map(table: pd.DataFrame, sampled: pd.DataFrame, path: Path) -> None:
    from cgid.data.label_map import COLUMNS, write_label_map

    manifest = dict(zip(sampled["path"], sampled["manifest"]))
    label = ["ai" if value == 1 else "real" for value in table["target_label"]]
    source = [f"manifest {Path(manifest.get(str(p), '')).name}".strip() for p in table["filepath"]]
    columns = (table["record_id"], table["filename"], label, label, source, [""] * len(table))
    write_label_map(dict(zip(COLUMNS, columns)), path)


def _summary(
    params: BuildModelBDatasetParams,
    everything: pd.DataFrame,
    left_out: dict[str, int],
    sampled: pd.DataFrame,
    table: pd.DataFrame,
) -> dict[str, Any]:
    counts = sampled["label"].value_counts().to_dict()
    extracted = {"real": int((table["target_label"] == 0).sum()), "ai": int((table["target_label"] == 1).sum())}
    too_few = {label: n for label, n in counts.items() if n < params.per_class}
    notes = [
        f"Only {n} {label} images could be drawn; {params.per_class} were asked for." for label, n in too_few.items()
    ]
    if missing := len(sampled) - len(table):
        notes.append(f"{missing} drawn images could not be measured; failures.csv says why.")
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": params.seed,
        "per_class": params.per_class,
        "require_extension_overlap": params.require_extension_overlap,
        "min_unique_extensions_per_class": params.min_unique_extensions_per_class,
        "manifests": [
            {"path": str(p), "sha256": sha256_of(p), "rows": int((everything["manifest"] == str(p)).sum())}
            for p in params.manifest
        ],
        "listed": len(everything),
        "left_out": left_out,
        "drawn": counts,
        "drawn_by_split": {s: p["label"].value_counts().to_dict() for s, p in sampled.groupby(sampled["split"])},
        "extensions": {k: p["extension"].value_counts().to_dict() for k, p in sampled.groupby("label")},
        "groups": int(sampled["group"].nunique()),
        "measured": extracted,
        "notes": notes,
        "summary": " ".join([f"{extracted['real']} real and {extracted['ai']} AI images measured.", *notes]),
    }


def _listed(items: Any) -> str:
    return ", ".join(sorted(str(i) or "without an extension" for i in items)) or "none"

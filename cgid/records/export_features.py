"""Exports records of analysed images as a labelled feature table for training Model B."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cgid.artifacts import DEMO_PREFIX
from cgid.data.label_map import PERSON_SOURCE, read_label_map, write_label_map
from cgid.errors import InputError
from cgid.progress import Progress
from cgid.records.params import CreateModelBLabelMapParams, ExportModelBFeaturesParams

if TYPE_CHECKING:
    import pandas as pd


def export_features(params: ExportModelBFeaturesParams, progress: Progress) -> dict:
    """Newest record of each image -> a row; with a label map only labelled rows, `target_label` from `final_label`.

    Model A's column needs no correction: for a training image of Model A a check records the out-of-fold value or none.
    Raises InputError where no image has been analysed, or the map labels none of them.
    """
    from cgid.features.table import write_features
    from cgid.records import store

    progress(0, 3, "reading the records")
    records = store.analyses()
    rows, unreadable = _rows(records)
    if not rows:
        raise InputError("No image with features has been analysed yet. Check some images first (`cgid check IMAGE`).")
    progress(1, 3, f"{len(rows)} images")
    frame = _frame(rows)
    unlabelled = 0
    if params.label_map is not None:
        label = _labels(frame, read_label_map(params.label_map), params.label_map)
        unlabelled = int((label == "").sum())
        frame.insert(3, "label", label)
        frame.insert(4, "target_label", (label == "ai").astype(int))
        frame = frame[label != ""]
        if frame.empty:
            raise InputError(f"{params.label_map} labels none of the {len(rows)} analysed images. Fill in final_label.")
    write_features(frame, params.output)
    progress(3, 3, "written")
    sentences = [f"{len(frame)} analysed images exported."]
    sentences += [f"{unlabelled} without a final_label were excluded."] if unlabelled else []
    return {
        "output": str(params.output),
        "records": len(records),
        "images": len(rows),
        "rows": len(frame),
        "unlabelled": unlabelled,
        "without_features": unreadable,
        "summary": " ".join(sentences),
    }


def create_label_map(params: CreateModelBLabelMapParams, progress: Progress) -> dict:
    """Label each exported image by content (sha256), else by a file name that is unique in the manifests.

    Ambiguous cases stay blank with a note: contradictory manifests, several images of that name, or a name whose
    content is known to differ. Manual decisions in an existing map are preserved, exclusions included.
    """
    from cgid.data.label_map import fill, label_sources
    from cgid.features.table import read_features

    progress(0, 2, "reading the manifests")
    table = read_features(params.features_csv, labelled=False)
    images = list(zip(_text(table, "record_id"), _text(table, "filename")))
    old = read_label_map(params.output) if params.output.is_file() else None
    columns = fill(images, label_sources(params.manifest), old)
    write_label_map(columns, params.output)
    progress(2, 2, "written")
    final, source = columns["final_label"][: len(images)], columns["label_source"]
    left_out = sum(f == "" and s == PERSON_SOURCE for f, s in zip(final, source))
    blank = final.count("") - left_out
    sentences = [f"{len(final) - blank - left_out} of {len(images)} images labelled; {blank} need a manual decision."]
    sentences += [f"{left_out} were excluded manually."] if left_out else []
    return {
        "output": str(params.output),
        "rows": len(images),
        "labelled": len(final) - blank - left_out,
        "blank": blank,
        "left_out": left_out,
        "kept_from_people": source.count(PERSON_SOURCE),
        "summary": " ".join(sentences),
    }


def _rows(records: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """(a row per image from its newest record; number of records without features)."""
    from cgid.artifacts import demo_images

    rows: dict[str, dict[str, Any]] = {}
    without = 0
    simulated = demo_images()
    for record in records:
        features = record["check"].get("features")
        values = dict(_values(features)) if isinstance(features, dict) else {}
        if not values or not record["sha256"]:
            without += 1
            continue
        path = str(record["file"])
        identity = {"record_id": record["sha256"], "filepath": path, "filename": path.replace("\\", "/").split("/")[-1]}
        prefix = DEMO_PREFIX if record["sha256"] in simulated else ""  # marks everything trained on it as simulated
        source = f"{prefix}records"
        rows.setdefault(record["sha256"], identity | {"source": source, "generator": "", "split": ""} | values)
    return list(rows.values()), without


def _values(features: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """Numbers by column, also where they lie one level deeper (by group); null is missing."""
    for name, value in features.items():
        if isinstance(value, dict):
            yield from _values(value)
        elif value is None or isinstance(value, int | float):
            yield str(name), float("nan") if value is None else float(value)


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Words first, then the columns in the registry's order, then those no group of today knows."""
    import pandas as pd

    from cgid.features.registry import all_groups

    frame = pd.DataFrame(rows)
    text_columns = ["record_id", "filepath", "filename", "source", "generator", "split"]
    known = [c for group in all_groups().values() for c in group.columns if c in frame]
    return frame[[*text_columns, *known, *sorted(set(frame) - set(text_columns) - set(known))]]


def _labels(frame: pd.DataFrame, mapped: pd.DataFrame, path: Path) -> pd.Series:
    """final_label per row: by record_id, else by a file name the map has once; "" where neither."""
    given = mapped[mapped["final_label"] != ""]
    contradictions = given[given["record_id"] != ""].groupby("record_id")["final_label"].nunique()
    if (contradictions > 1).any():
        record = contradictions.idxmax()
        raise InputError(f"{path} calls record {record[:12]}… both real and ai; keep one of its lines.")
    by_record = dict(zip(given["record_id"], given["final_label"]))
    alone = mapped[~mapped["filename"].duplicated(keep=False) & (mapped["record_id"] == "")]
    by_name = dict(zip(alone["filename"], alone["final_label"]))
    unique = ~frame["filename"].duplicated(keep=False)
    label = frame["record_id"].map(by_record)
    return label.fillna(frame["filename"].where(unique).map(by_name)).fillna("").astype(object)


def _text(frame: pd.DataFrame, column: str) -> list[str]:
    if column not in frame:
        return [""] * len(frame)
    return frame[column].fillna("").astype(str).tolist()

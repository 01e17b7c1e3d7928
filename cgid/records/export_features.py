"""Turns the records of analysed images into a table Model B can learn from, labelled by people or by manifests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cgid.artifacts import DEMO_PREFIX
from cgid.data.label_map import PERSON, read_label_map, write_label_map
from cgid.errors import InputError
from cgid.progress import Report
from cgid.records.params import CreateModelBLabelMapParams, ExportModelBFeaturesParams

if TYPE_CHECKING:
    import pandas as pd


def export_features(params: ExportModelBFeaturesParams, report: Report) -> dict:
    """Newest record of each image -> a row; with a label map only rows it labels, `target_label` from `final_label`.

    Model A's column is honest already: a check records the out-of-fold value, or none, for an image Model A learned.
    Raises InputError where nothing has been analysed, or the map labels none of it.
    """
    from cgid.features.table import write_features
    from cgid.records import store

    report(0, 3, "reading the records")
    records = store.analyses()
    rows, unreadable = _rows(records)
    if not rows:
        raise InputError("No image with features has been analysed yet; check some images first (`cgid check IMAGE`).")
    report(1, 3, f"{len(rows)} images")
    frame = _frame(rows)
    unlabelled = 0
    if params.label_map is not None:
        label = _labels(frame, read_label_map(params.label_map), params.label_map)
        unlabelled = int((label == "").sum())
        frame.insert(3, "label", label)
        frame.insert(4, "target_label", (label == "ai").astype(int))
        frame = frame[label != ""]
        if frame.empty:
            raise InputError(f"{params.label_map} labels none of the {len(rows)} analysed images; fill final_label.")
    write_features(frame, params.output)
    report(3, 3, "written")
    words = [f"{len(frame)} analysed images exported."]
    words += [f"{unlabelled} without a final_label were left out."] if unlabelled else []
    return {
        "output": str(params.output),
        "records": len(records),
        "images": len(rows),
        "rows": len(frame),
        "unlabelled": unlabelled,
        "without_features": unreadable,
        "summary": " ".join(words),
    }


def create_label_map(params: CreateModelBLabelMapParams, report: Report) -> dict:
    """Label each exported image by content (sha256), else by a file name that one image of the manifests alone has.

    Doubt stays blank with a note: manifests that contradict each other, several images of that name, or a name whose
    content is known to differ. What people decided in an existing map of that name is kept, left out included.
    """
    from cgid.data.label_map import fill, known
    from cgid.features.table import read_features

    report(0, 2, "reading the manifests")
    table = read_features(params.features_csv, labelled=False)
    images = list(zip(_text(table, "record_id"), _text(table, "filename")))
    old = read_label_map(params.output) if params.output.is_file() else None
    columns = fill(images, known(params.manifest), old)
    write_label_map(columns, params.output)
    report(2, 2, "written")
    final, source = columns["final_label"][: len(images)], columns["label_source"]
    left_out = sum(f == "" and s == PERSON for f, s in zip(final, source))
    blank = final.count("") - left_out
    words = [f"{len(final) - blank - left_out} of {len(images)} images labelled; {blank} wait for a person."]
    words += [f"{left_out} were left out by a person."] if left_out else []
    return {
        "output": str(params.output),
        "rows": len(images),
        "labelled": len(final) - blank - left_out,
        "blank": blank,
        "left_out": left_out,
        "kept_from_people": source.count(PERSON),
        "summary": " ".join(words),
    }


def _rows(records: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """(a row per image, newest record first wins; how many records carry no features)."""
    from cgid.artifacts import demo_images

    rows: dict[str, dict[str, Any]] = {}
    without = 0
    simulated = demo_images()
    for record in records:
        features = record["check"].get("features")
        values = {k: v for k, v in _values(features)} if isinstance(features, dict) else {}
        if not values or not record["sha256"]:
            without += 1
            continue
        path = str(record["file"])
        words = {"record_id": record["sha256"], "filepath": path, "filename": path.replace("\\", "/").split("/")[-1]}
        prefix = DEMO_PREFIX if record["sha256"] in simulated else ""  # what learns of it says so
        source = f"{prefix}records"
        rows.setdefault(record["sha256"], words | {"source": source, "generator": "", "split": ""} | values)
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
    words = ["record_id", "filepath", "filename", "source", "generator", "split"]
    known = [c for group in all_groups().values() for c in group.columns if c in frame]
    return frame[[*words, *known, *sorted(set(frame) - set(words) - set(known))]]


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

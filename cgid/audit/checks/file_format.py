"""Checks of the file format: does the extension, the format, the size or the JPEG quality predict the class?

The classic leak: photographs as .jpg, generated images as .png.
"""

from __future__ import annotations

from pathlib import PurePosixPath

import numpy as np
import pandas as pd

from cgid.audit.check import AuditInput, Check, Outcome, by_category, graded
from cgid.audit.crosstabs import Row, dimensions, file_size, jpeg_quality
from cgid.audit.probes import probe


class ExtensionByClass(Check):
    code = "extension_by_class"
    title = "Extension by class"
    remedy = "Save both classes in the same format, with the same encoder, before extraction and training."

    def run(self, audited: AuditInput) -> Outcome:
        """Cross-validated table of extensions against classes."""
        names = audited.text("filename")
        names = audited.text("filepath") if names is None else names
        if names is None:
            return Outcome("not_applicable", "The table has no file names.")
        suffixes = [PurePosixPath(n.replace("\\", "/")).suffix.lower().lstrip(".") or "none" for n in names]
        return by_category(audited, np.array(suffixes, dtype=object), "file extension")


EXTENSION_BY_CLASS = ExtensionByClass()


class FormatByClass(Check):
    code = "format_by_class"
    title = "Format by class"
    remedy = "Save both classes in the same format, with the same encoder, before extraction and training."

    def run(self, audited: AuditInput) -> Outcome:
        """Cross-validated table of formats against classes."""
        formats = audited.text("format")
        if formats is None and "container_format_code" in audited.frame:
            formats = audited.frame["container_format_code"].astype(str).to_numpy()
        if formats is None:
            return Outcome("not_applicable", "The table has no column on the file format.")
        return by_category(audited, np.asarray(formats, dtype=object), "file format")


FORMAT_BY_CLASS = FormatByClass()


SOURCES = (("width", "container_width"), ("height", "container_height"), ("bytes", "container_bytes"))


class SizeByClass(Check):
    code = "size_by_class"
    title = "Size by class"
    remedy = "Crop both classes to the same dimensions and encode them alike; never resize only one class."

    def run(self, audited: AuditInput) -> Outcome:
        """A small cross-validated model on width, height and bytes."""
        columns = {}
        for names in SOURCES:
            column = next((n for n in names if n in audited.frame and audited.frame[n].notna().any()), None)
            if column:
                columns[names[0]] = pd.to_numeric(audited.frame[column], errors="coerce").to_numpy(dtype=float)
        if not columns:
            return Outcome("not_applicable", "The table has no columns on sizes.")
        tables = _tables(columns, audited.label)
        if all(len(np.unique(v[np.isfinite(v)])) <= 1 for v in columns.values()):
            return Outcome("passed", "All images have the same size.", {"read": list(columns), "tables": tables})
        result = probe(np.column_stack(list(columns.values())), audited.label, audited.codes, draws=0)
        value = result["balanced_accuracy"]["value"]
        if value is None:
            return Outcome("not_applicable", "Too few independent images per class to test.", {"tables": tables})
        medians = {
            k: [
                float(np.nanmedian(v[audited.label == c])) if np.isfinite(v[audited.label == c]).any() else None
                for c in (0, 1)
            ]
            for k, v in columns.items()
        }
        details = {"balanced_accuracy": value, "auc": result["auc"]["value"], "median_real_ai": medians}
        details["tables"] = tables
        return graded(value, audited.groups, f"Size ({', '.join(columns)}) alone predicts the class", details)


def _tables(columns: dict[str, np.ndarray], label: np.ndarray) -> dict[str, list[Row]]:
    tables = {}
    if "width" in columns and "height" in columns:
        tables["width x height"] = dimensions(columns["width"], columns["height"], label)
    if "bytes" in columns:
        tables["file size"] = file_size(columns["bytes"], label)
    return tables


SIZE_BY_CLASS = SizeByClass()


class JpegQualityByClass(Check):
    code = "jpeg_quality_by_class"
    title = "JPEG quality by class"
    remedy = "Re-encode both classes with qualities sampled from the same distribution (Grommelt 2024, Fake or JPEG?)."

    def run(self, audited: AuditInput) -> Outcome:
        """A small cross-validated model on the quality estimate, over the JPEG files alone."""
        if "jpeg_quality_estimate" not in audited.frame:
            return Outcome("not_applicable", "The table has no JPEG quality.")
        quality = pd.to_numeric(audited.frame["jpeg_quality_estimate"], errors="coerce").to_numpy(dtype=float)
        known = np.isfinite(quality)
        tables = {"JPEG quality": jpeg_quality(quality, audited.label)}
        label, codes = audited.label[known], np.unique(audited.codes[known], return_inverse=True)[1]
        if not (label == 0).any() or not (label == 1).any():
            few = {"jpeg_files": int(known.sum())} | ({"tables": tables} if known.any() else {})
            return Outcome("not_applicable", "Only one class has JPEG files.", few)
        medians = [float(np.median(quality[known][label == c])) for c in (0, 1)]
        details = {"median_real_ai": medians, "jpeg_files": int(known.sum()), "tables": tables}
        if len(np.unique(quality[known])) == 1:
            return Outcome("passed", "All JPEG files have the same quality.", details)
        value = probe(quality[known][:, None], label, codes, draws=0)["balanced_accuracy"]["value"]
        if value is None:
            return Outcome("not_applicable", "Too few independent JPEG files per class to test.", details)
        statement = f"JPEG quality (median {medians[0]:.0f} real, {medians[1]:.0f} AI) alone predicts the class"
        return graded(value, len(np.unique(codes)), statement, details | {"balanced_accuracy": value})


JPEG_QUALITY_BY_CLASS = JpegQualityByClass()

CHECKS = (
    EXTENSION_BY_CLASS,
    FORMAT_BY_CLASS,
    SIZE_BY_CLASS,
    JPEG_QUALITY_BY_CLASS,
)

"""Do the dimensions or the bytes of a file give the class away?"""

import numpy as np
import pandas as pd

from cgid.evaluate.check import Audited, Check, Outcome, graded
from cgid.evaluate.crosstabs import dimensions, file_size
from cgid.evaluate.probes import probe

SOURCES = (("width", "container_width"), ("height", "container_height"), ("bytes", "container_bytes"))


class SizeByClass(Check):
    code = "size_by_class"
    title = "Size by class"
    remedy = "Crop both classes to the same dimensions and encode them alike; never resize only one side."

    def run(self, audited: Audited) -> Outcome:
        """A small cross-validated model on width, height and bytes."""
        found = {}
        for names in SOURCES:
            column = next((n for n in names if n in audited.frame and audited.frame[n].notna().any()), None)
            if column:
                found[names[0]] = pd.to_numeric(audited.frame[column], errors="coerce").to_numpy(dtype=float)
        if not found:
            return Outcome("not_applicable", "The table knows no sizes.")
        tables = _tables(found, audited.label)
        if all(len(np.unique(v[np.isfinite(v)])) <= 1 for v in found.values()):
            return Outcome("passed", "All images have the same size.", {"read": list(found), "tables": tables})
        right = probe(np.column_stack(list(found.values())), audited.label, audited.codes, draws=0)
        value = right["balanced_accuracy"]["value"]
        if value is None:
            return Outcome("not_applicable", "Too few independent images per class to ask.", {"tables": tables})
        medians = {
            k: [
                float(np.nanmedian(v[audited.label == c])) if np.isfinite(v[audited.label == c]).any() else None
                for c in (0, 1)
            ]
            for k, v in found.items()
        }
        details = {"balanced_accuracy": value, "auc": right["auc"]["value"], "median_real_ai": medians}
        details["tables"] = tables
        return graded(value, audited.groups, f"Size ({', '.join(found)}) alone tells real from AI", details)


def _tables(found: dict[str, np.ndarray], label: np.ndarray) -> dict[str, list]:
    tables = {}
    if "width" in found and "height" in found:
        tables["width x height"] = dimensions(found["width"], found["height"], label)
    if "bytes" in found:
        tables["file size"] = file_size(found["bytes"], label)
    return tables


CHECK = SizeByClass()

"""Does the JPEG quality give the class away among files that have one?"""

import numpy as np
import pandas as pd

from cgid.evaluate.check import Audited, Check, Outcome, graded
from cgid.evaluate.crosstabs import quality as by_quality
from cgid.evaluate.probes import probe


class JpegQualityByClass(Check):
    code = "jpeg_quality_by_class"
    title = "JPEG quality by class"
    remedy = "Re-encode both classes with qualities drawn from the same distribution (Grommelt 2024, Fake or JPEG?)."

    def run(self, audited: Audited) -> Outcome:
        """A small cross-validated model on the quality estimate, over the JPEG files alone."""
        if "jpeg_quality_estimate" not in audited.frame:
            return Outcome("not_applicable", "The table has no JPEG quality.")
        quality = pd.to_numeric(audited.frame["jpeg_quality_estimate"], errors="coerce").to_numpy(dtype=float)
        known = np.isfinite(quality)
        tables = {"JPEG quality": by_quality(quality, audited.label)}
        label, codes = audited.label[known], np.unique(audited.codes[known], return_inverse=True)[1]
        if not (label == 0).any() or not (label == 1).any():
            details = {"jpeg_files": int(known.sum())} | ({"tables": tables} if known.any() else {})
            return Outcome("not_applicable", "Only one class has JPEG files.", details)
        medians = [float(np.median(quality[known][label == c])) for c in (0, 1)]
        details = {"median_real_ai": medians, "jpeg_files": int(known.sum()), "tables": tables}
        if len(np.unique(quality[known])) == 1:
            return Outcome("passed", "All JPEG files have the same quality.", details)
        value = probe(quality[known][:, None], label, codes, draws=0)["balanced_accuracy"]["value"]
        if value is None:
            return Outcome("not_applicable", "Too few independent JPEG files per class to ask.", details)
        words = f"JPEG quality (median {medians[0]:.0f} real, {medians[1]:.0f} AI) alone tells real from AI"
        return graded(value, len(np.unique(codes)), words, details | {"balanced_accuracy": value})


CHECK = JpegQualityByClass()

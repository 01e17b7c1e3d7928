"""Is there a feature that alone is right for practically every image?

Is there a feature that alone is right for nearly every image?

Which features say nothing because they are the same everywhere?

Is every cell of the table a number or empty? What is not was left out of the audit, and is named here.

Does the mere absence of a value say which class an image is of?
"""

from __future__ import annotations

from cgid.audit.check import Audited, Check, Outcome, named
from cgid.audit.verdict import PICTURE


class PerfectSeparator(Check):
    code = "perfect_separator"
    title = "Perfect separators"
    remedy = "Train without these features, or make both classes alike in them (same format, size, JPEG quality) first."

    def run(self, audited: Audited) -> Outcome:
        """Best single rule right for at least 99.9 % of images and more than chance."""
        table = audited.features
        if not len(table):
            return Outcome("not_applicable", "The table has no features.")
        rows = table[table["looks_perfectly_separable"].astype(bool) & table["significant"].astype(bool)]
        if not len(rows):
            return Outcome("passed", "No single feature tells real from AI in every image.")
        features = rows["feature"].tolist()
        # a model's score on images it has never seen may be perfect: that alone proves no leak
        result = "issue" if (rows["severity"] == "issue").any() else "warning"
        verb = "tells" if len(features) == 1 else "each tell"
        return Outcome(result, f"{named(features)} alone {verb} real from AI.", {"features": features})


PERFECT_SEPARATOR = PerfectSeparator()


class NearPerfect(Check):
    code = "near_perfect"
    title = "Near-perfect separators"
    remedy = "Look at how these features came to differ; train without them until that is understood."

    def run(self, audited: Audited) -> Outcome:
        """Best single rule right for 95 % to 99.9 % of images and more than chance."""
        table = audited.features
        if not len(table):
            return Outcome("not_applicable", "The table has no features.")
        near = table["looks_near_perfect"].astype(bool) & ~table["looks_perfectly_separable"].astype(bool)
        rows = table[near & table["significant"].astype(bool)]
        if not len(rows):
            return Outcome("passed", "No single feature lies between 95 % and 99.9 % accuracy.")
        features = rows["feature"].tolist()
        result = "issue" if (rows["severity"] == "issue").any() else "warning"
        return Outcome(result, f"At least 95 % right on their own: {named(features)}.", {"features": features})


NEAR_PERFECT = NearPerfect()


class ZeroVariance(Check):
    code = "zero_variance"
    title = "Features without variance"
    remedy = "They do no harm and no good: leave them out, or check that their group could measure these images."

    def run(self, audited: Audited) -> Outcome:
        """One value, or none, in every image. A warning only where that is most of what should read the pixels: format
        and metadata features are constant wherever both classes were made alike, as they should be."""
        table = audited.features
        if not len(table):
            return Outcome("not_applicable", "The table has no features.")
        features = table.loc[table["zero_variance"].astype(bool), "feature"].tolist()
        if not features:
            return Outcome("passed", "Every feature varies.")
        picture = table[table["family"].isin(PICTURE)]
        result = "warning" if picture["zero_variance"].astype(bool).sum() > len(picture) / 2 else "passed"
        words = "feature is" if len(features) == 1 else "features are"
        return Outcome(
            result, f"{len(features)} {words} the same everywhere: {named(features)}.", {"features": features}
        )


ZERO_VARIANCE = ZeroVariance()


SHOWN = 50
WORDS = "and is no feature."  # a column of words: said, nothing to be corrected


class ReadableValues(Check):
    code = "readable_values"
    title = "Cells that are no number"
    remedy = "Correct these cells where the table comes from, and audit again; they counted as missing here."

    def run(self, audited: Audited) -> Outcome:
        """A warning where cells of a feature were text or infinite, headings repeat or labels contradict each other."""
        odd = [note for note in audited.notes if not note.endswith(WORDS)]
        details = {"notes": list(audited.notes[:SHOWN]), "count": len(audited.notes)}
        if odd:
            more = f" {len(odd) - 1} more notes of the kind." if len(odd) > 1 else ""
            return Outcome("warning", odd[0] + more, details)
        if audited.notes:
            more = f" {len(audited.notes) - 1} more columns do so." if len(audited.notes) > 1 else ""
            return Outcome("passed", audited.notes[0] + more, details)
        return Outcome("passed", "Every cell of a feature is a number or empty.", details)


READABLE_VALUES = ReadableValues()


class MissingnessLeak(Check):
    code = "missingness_leak"
    title = "Missing values by class"
    remedy = (
        "Make both classes measurable alike (same format, metadata kept or stripped on both sides), or leave these out."
    )

    def run(self, audited: Audited) -> Outcome:
        """Balanced accuracy of "has no value", per feature: issue from 95 %, warning from 65 %, where significant."""
        table = audited.features
        if not len(table) or not (table["missing_share"] > 0).any():
            return Outcome("passed" if len(table) else "not_applicable", "No value is missing anywhere.")
        rows = table[table["missing_significant"].astype(bool) & (table["missing_auc"] >= 0.65)]
        if not len(rows):
            return Outcome("passed", "Values are missing about as often for real as for AI images.")
        rows = rows.sort_values("missing_auc", ascending=False)
        best, features = float(rows["missing_auc"].iloc[0]), rows["feature"].tolist()
        text = f"Whether a value is there gives the class with up to {best:.1%} balanced accuracy: {named(features)}."
        return Outcome("issue" if best >= 0.95 else "warning", text, {"features": features, "balanced_accuracy": best})


MISSINGNESS_LEAK = MissingnessLeak()

CHECKS = (
    PERFECT_SEPARATOR,
    NEAR_PERFECT,
    ZERO_VARIANCE,
    READABLE_VALUES,
    MISSINGNESS_LEAK,
)

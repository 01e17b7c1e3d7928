"""Checks of single columns: perfect and near-perfect separators, constant features, non-numeric cells, missing values."""

from __future__ import annotations

from cgid.audit.check import AuditInput, Check, Outcome, list_features
from cgid.audit.verdict import PIXEL_FAMILIES


class PerfectSeparator(Check):
    code = "perfect_separator"
    title = "Perfect separators"
    remedy = "Train without these features, or match them between the classes first (same format, size, JPEG quality)."

    def run(self, audited: AuditInput) -> Outcome:
        """Best single rule correct for at least 99.9 % of images, and significant."""
        table = audited.features
        if not len(table):
            return Outcome("not_applicable", "The table has no features.")
        rows = table[table["looks_perfectly_separable"].astype(bool) & table["significant"].astype(bool)]
        if not len(rows):
            return Outcome("passed", "No single feature separates the classes perfectly.")
        features = rows["feature"].tolist()
        # a model's score on images it has never seen may be perfect: that alone proves no leak
        result = "issue" if (rows["severity"] == "issue").any() else "warning"
        verb = "separates" if len(features) == 1 else "each separate"
        return Outcome(result, f"{list_features(features)} alone {verb} the classes.", {"features": features})


PERFECT_SEPARATOR = PerfectSeparator()


class NearPerfect(Check):
    code = "near_perfect"
    title = "Near-perfect separators"
    remedy = "Find out why these features differ; train without them until the cause is understood."

    def run(self, audited: AuditInput) -> Outcome:
        """Best single rule correct for 95 % to 99.9 % of images, and significant."""
        table = audited.features
        if not len(table):
            return Outcome("not_applicable", "The table has no features.")
        near = table["looks_near_perfect"].astype(bool) & ~table["looks_perfectly_separable"].astype(bool)
        rows = table[near & table["significant"].astype(bool)]
        if not len(rows):
            return Outcome("passed", "No single feature lies between 95 % and 99.9 % accuracy.")
        features = rows["feature"].tolist()
        result = "issue" if (rows["severity"] == "issue").any() else "warning"
        return Outcome(
            result, f"At least 95 % accurate on their own: {list_features(features)}.", {"features": features}
        )


NEAR_PERFECT = NearPerfect()


class ZeroVariance(Check):
    code = "zero_variance"
    title = "Features without variance"
    remedy = "They carry no information: leave them out, or check that their group can be extracted from these images."

    def run(self, audited: AuditInput) -> Outcome:
        """One value, or none, in every image. A warning only where that holds for most pixel features: format and metadata
        features are expected to be constant where both classes were created alike."""
        table = audited.features
        if not len(table):
            return Outcome("not_applicable", "The table has no features.")
        features = table.loc[table["zero_variance"].astype(bool), "feature"].tolist()
        if not features:
            return Outcome("passed", "Every feature varies.")
        pixels = table[table["family"].isin(PIXEL_FAMILIES)]
        result = "warning" if pixels["zero_variance"].astype(bool).sum() > len(pixels) / 2 else "passed"
        subject = "feature is" if len(features) == 1 else "features are"
        return Outcome(
            result, f"{len(features)} {subject} constant: {list_features(features)}.", {"features": features}
        )


ZERO_VARIANCE = ZeroVariance()


SHOWN = 50
TEXT_COLUMN_NOTE = "and is not a feature."  # note on a text column, which needs no correction


class ReadableValues(Check):
    code = "readable_values"
    title = "Non-numeric cells"
    remedy = "Correct these cells at their origin and audit again; they count as missing values."

    def run(self, audited: AuditInput) -> Outcome:
        """A warning where cells of a feature were text or infinite, headings repeat or labels contradict each other."""
        invalid = [note for note in audited.notes if not note.endswith(TEXT_COLUMN_NOTE)]
        details = {"notes": list(audited.notes[:SHOWN]), "count": len(audited.notes)}
        if invalid:
            more = f" {len(invalid) - 1} more such notes." if len(invalid) > 1 else ""
            return Outcome("warning", invalid[0] + more, details)
        if audited.notes:
            more = f" {len(audited.notes) - 1} more columns do so." if len(audited.notes) > 1 else ""
            return Outcome("passed", audited.notes[0] + more, details)
        return Outcome("passed", "Every cell of a feature is a number or empty.", details)


READABLE_VALUES = ReadableValues()


class MissingnessLeak(Check):
    code = "missingness_leak"
    title = "Missing values by class"
    remedy = "Make values available in both classes alike (same format, metadata kept or removed in both), or leave these out."

    def run(self, audited: AuditInput) -> Outcome:
        """Balanced accuracy of "has no value", per feature: issue from 95 %, warning from 65 %, where significant."""
        table = audited.features
        if not len(table) or not (table["missing_share"] > 0).any():
            return Outcome("passed" if len(table) else "not_applicable", "No value is missing.")
        rows = table[table["missing_significant"].astype(bool) & (table["missing_auc"] >= 0.65)]
        if not len(rows):
            return Outcome("passed", "Values are missing about equally often for real and AI images.")
        rows = rows.sort_values("missing_auc", ascending=False)
        best, features = float(rows["missing_auc"].iloc[0]), rows["feature"].tolist()
        text = f"The presence of a value predicts the class with up to {best:.1%} balanced accuracy: {list_features(features)}."
        return Outcome("issue" if best >= 0.95 else "warning", text, {"features": features, "balanced_accuracy": best})


MISSINGNESS_LEAK = MissingnessLeak()

CHECKS = (
    PERFECT_SEPARATOR,
    NEAR_PERFECT,
    ZERO_VARIANCE,
    READABLE_VALUES,
    MISSINGNESS_LEAK,
)

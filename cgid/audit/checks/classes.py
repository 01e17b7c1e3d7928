"""Checks of the classes: class balance, and sources that contain one class only."""

from __future__ import annotations

import numpy as np

from cgid.audit.check import AuditInput, Check, Outcome


class ClassBalance(Check):
    code = "class_balance"
    title = "Class balance"
    remedy = "Add images of the rarer class, or cap the other one (`cgid data split --max-per-class`)."

    def run(self, audited: AuditInput) -> Outcome:
        """Issue where a class is absent; warning under 20 % or under 20 independent groups."""
        ai = int(audited.label.sum())
        real = len(audited.label) - ai
        details = {"real": real, "ai": ai}
        if not real or not ai:
            return Outcome("issue", "Only one class is present: no feature can be tested.", details)
        fraction = min(real, ai) / (real + ai)
        min_groups = min(len(set(audited.codes[audited.label == c])) for c in (0, 1))
        if fraction < 0.2:
            return Outcome("warning", f"{real} real and {ai} AI images: the rarer class is {fraction:.0%}.", details)
        if min_groups < 20:
            return Outcome(
                "warning", f"Only {min_groups} independent groups in a class: all metrics are imprecise.", details
            )
        return Outcome("passed", f"{real} real and {ai} AI images.", details)


CLASS_BALANCE = ClassBalance()


class SourceByClass(Check):
    code = "source_by_class"
    title = "Sources with one class"
    remedy = "Add real and AI images from the same source, and evaluate models on sources they were not trained on."

    def run(self, audited: AuditInput) -> Outcome:
        """Warning where no source has both classes: style, camera and content are then confounded with the label."""
        source = audited.text("source")
        if source is None:
            return Outcome("not_applicable", "The table has no column `source`.")
        counts = {
            str(s): {
                "real": int(np.sum((source == s) & (audited.label == 0))),
                "ai": int(np.sum((source == s) & (audited.label == 1))),
            }
            for s in sorted(set(source))
        }
        both = sum(1 for c in counts.values() if c["real"] and c["ai"])
        details = {"counts": dict(list(counts.items())[:50]), "sources_with_both": both}
        if both == len(counts):
            return Outcome("passed", "Every source contains both classes.", details)
        if both:
            text = f"{len(counts) - both} of {len(counts)} sources contain one class only."
            return Outcome("passed", text, details)
        return Outcome(
            "warning", "No source contains both classes: a model may learn the source instead of the class.", details
        )


SOURCE_BY_CLASS = SourceByClass()

CHECKS = (
    CLASS_BALANCE,
    SOURCE_BY_CLASS,
)

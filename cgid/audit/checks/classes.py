"""Are there enough images of both classes?

Does each source bring only one class, so that a model may learn the source instead?
"""

from __future__ import annotations

import numpy as np

from cgid.audit.check import Audited, Check, Outcome


class ClassBalance(Check):
    code = "class_balance"
    title = "Class balance"
    remedy = "Add images of the rarer class, or cap the other one (`cgid data split --max-per-class`)."

    def run(self, audited: Audited) -> Outcome:
        """Issue where a class is absent; warning under 20 % or under 20 independent groups."""
        ai = int(audited.label.sum())
        real = len(audited.label) - ai
        details = {"real": real, "ai": ai}
        if not real or not ai:
            return Outcome("issue", "Only one class is present: nothing can be told apart.", details)
        share = min(real, ai) / (real + ai)
        fewest = min(len(set(audited.codes[audited.label == c])) for c in (0, 1))
        if share < 0.2:
            return Outcome("warning", f"{real} real and {ai} AI images: the rarer class is {share:.0%}.", details)
        if fewest < 20:
            return Outcome("warning", f"Only {fewest} independent groups in a class: every figure is rough.", details)
        return Outcome("passed", f"{real} real and {ai} AI images.", details)


CLASS_BALANCE = ClassBalance()


class SourceByClass(Check):
    code = "source_by_class"
    title = "Sources with one class"
    remedy = "Add real and AI images from the same source, and judge a model on sources it was not trained on."

    def run(self, audited: Audited) -> Outcome:
        """Warning where no source has both classes: then style, camera and content differ along with the label."""
        source = audited.text("source")
        if source is None:
            return Outcome("not_applicable", "The table does not say where images come from.")
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
            return Outcome("passed", "Every source brings both classes.", details)
        if both:
            text = f"{len(counts) - both} of {len(counts)} sources bring one class only."
            return Outcome("passed", text, details)
        return Outcome(
            "warning", "No source brings both classes: a model may learn the source, not the origin.", details
        )


SOURCE_BY_CLASS = SourceByClass()

CHECKS = (
    CLASS_BALANCE,
    SOURCE_BY_CLASS,
)

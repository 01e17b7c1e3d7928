"""Does each source bring only one class, so that a model may learn the source instead?"""

import numpy as np

from cgid.evaluate.check import Audited, Check, Outcome


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


CHECK = SourceByClass()

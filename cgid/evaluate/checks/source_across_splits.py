"""Were the sources of the test images trained on? Then a test figure says nothing about a camera or generator unseen."""

import numpy as np

from cgid.evaluate.check import Audited, Check, Outcome


class SourceAcrossSplits(Check):
    code = "source_across_splits"
    title = "Sources across splits"
    remedy = "Judge the model on sources it was not trained on (`cgid leave-one-source-out`), beside this test."

    def run(self, audited: Audited) -> Outcome:
        """Warning where test sources were trained on and each brings one class: to know the source is to know the label.

        Sources with both classes on both sides are the usual test within a source: passed, and said.
        """
        source, split = audited.text("source"), audited.text("split")
        if source is None or split is None or not {"train", "test"} <= set(split):
            return Outcome("not_applicable", "The table has no sources, or no train and test rows to compare.")
        known = source != ""
        trained, tested = (set(source[known & (split == s)]) for s in ("train", "test"))
        shared = sorted(trained & tested)
        telling = [s for s in shared if len(set(audited.label[source == s])) == 1]
        details = {"shared": shared[:50], "one_class": telling[:50], "tested": len(tested)}
        if not shared:
            return Outcome("passed", "No source of the test images was trained on.", details)
        share = float(np.isin(source[known & (split == "test")], shared).mean())
        text = f"{len(shared)} of {len(tested)} sources of the test were trained on ({share:.0%} of its images)"
        if telling and len(trained | tested) > 1:
            return Outcome(
                "warning", f"{text}; {len(telling)} of them bring one class only, so that the source tells it.", details
            )
        return Outcome("passed", f"{text}: the test says nothing about unseen ones.", details)


CHECK = SourceAcrossSplits()

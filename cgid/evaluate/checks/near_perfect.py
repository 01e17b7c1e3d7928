"""Is there a feature that alone is right for nearly every image?"""

from cgid.evaluate.check import Audited, Check, Outcome, named


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


CHECK = NearPerfect()

"""Which features say nothing because they are the same everywhere?"""

from cgid.evaluate.check import Audited, Check, Outcome, named


class ZeroVariance(Check):
    code = "zero_variance"
    title = "Features without variance"
    remedy = "They do no harm and no good: leave them out, or check that their group could measure these images."

    def run(self, audited: Audited) -> Outcome:
        """One value, or none, in every image."""
        table = audited.features
        if not len(table):
            return Outcome("not_applicable", "The table has no features.")
        features = table.loc[table["zero_variance"].astype(bool), "feature"].tolist()
        if not features:
            return Outcome("passed", "Every feature varies.")
        result = "warning" if len(features) > len(table) / 2 else "passed"
        words = "feature is" if len(features) == 1 else "features are"
        return Outcome(
            result, f"{len(features)} {words} the same everywhere: {named(features)}.", {"features": features}
        )


CHECK = ZeroVariance()

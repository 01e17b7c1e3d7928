"""Which features say nothing because they are the same everywhere?"""

from cgid.audit.verdict import PICTURE
from cgid.evaluate.check import Audited, Check, Outcome, named


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


CHECK = ZeroVariance()

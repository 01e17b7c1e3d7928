"""Does a family of features that is not about pixels give the class away as a whole?"""

from cgid.audit.verdict import PICTURE
from cgid.evaluate.check import Audited, Check, Outcome


class FamilyProbe(Check):
    code = "family_probe"
    title = "Families that give the label away"
    remedy = (
        "Read the ablation `no_format`, and make both classes alike in format and metadata before trusting a figure."
    )

    def run(self, audited: Audited) -> Outcome:
        """Cross-validated model per family; container, provenance and unknown ones should be at chance."""
        asked = [
            p for p in audited.probes if p["family"] not in PICTURE and p["balanced_accuracy"]["value"] is not None
        ]
        if not asked:
            return Outcome("not_applicable", "No family of format features, or too few images to ask.")
        worst = max(asked, key=lambda p: p["balanced_accuracy"]["value"])
        value, low = worst["balanced_accuracy"]["value"], worst["balanced_accuracy"]["low"]
        details = {p["family"]: p["balanced_accuracy"] for p in asked}
        words = f"The family `{worst['family']}` alone reaches {value:.1%} balanced accuracy"
        if value >= 0.95 and (low is None or low > 0.5):
            return Outcome("issue", f"{words}: a model needs no look at the picture.", details)
        if value >= 0.65 and (low is None or low > 0.5):
            return Outcome("warning", f"{words} (50 % is chance).", details)
        return Outcome("passed", f"{words}, which is close to chance.", details)


CHECK = FamilyProbe()

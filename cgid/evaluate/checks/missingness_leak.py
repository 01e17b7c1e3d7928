"""Does the mere absence of a value say which class an image is of?"""

from cgid.evaluate.check import Audited, Check, Outcome, named


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


CHECK = MissingnessLeak()

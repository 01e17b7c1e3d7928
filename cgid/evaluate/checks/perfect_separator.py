"""Is there a feature that alone is right for practically every image?"""

from cgid.evaluate.check import Audited, Check, Outcome, named


class PerfectSeparator(Check):
    code = "perfect_separator"
    title = "Perfect separators"
    remedy = "Train without these features, or make both classes alike in them (same format, size, JPEG quality) first."

    def run(self, audited: Audited) -> Outcome:
        """Best single rule right for at least 99.9 % of images and more than chance."""
        table = audited.features
        if not len(table):
            return Outcome("not_applicable", "The table has no features.")
        rows = table[table["looks_perfectly_separable"].astype(bool) & table["significant"].astype(bool)]
        if not len(rows):
            return Outcome("passed", "No single feature tells real from AI in every image.")
        features = rows["feature"].tolist()
        # a model's score on images it has never seen may be perfect: that alone proves no leak
        result = "issue" if (rows["severity"] == "issue").any() else "warning"
        verb = "tells" if len(features) == 1 else "each tell"
        return Outcome(result, f"{named(features)} alone {verb} real from AI.", {"features": features})


CHECK = PerfectSeparator()

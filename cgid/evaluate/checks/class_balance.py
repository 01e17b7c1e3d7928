"""Are there enough images of both classes?"""

from cgid.evaluate.check import Audited, Check, Outcome


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


CHECK = ClassBalance()

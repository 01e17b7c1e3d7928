"""Is every cell of the table a number or empty? What is not was left out of the audit, and is named here."""

from cgid.evaluate.check import Audited, Check, Outcome

SHOWN = 50
WORDS = "and is no feature."  # a column of words: said, nothing to be corrected


class ReadableValues(Check):
    code = "readable_values"
    title = "Cells that are no number"
    remedy = "Correct these cells where the table comes from, and audit again; they counted as missing here."

    def run(self, audited: Audited) -> Outcome:
        """A warning where cells of a feature were text or infinite, headings repeat or labels contradict each other."""
        odd = [note for note in audited.notes if not note.endswith(WORDS)]
        details = {"notes": list(audited.notes[:SHOWN]), "count": len(audited.notes)}
        if odd:
            more = f" {len(odd) - 1} more notes of the kind." if len(odd) > 1 else ""
            return Outcome("warning", odd[0] + more, details)
        if audited.notes:
            more = f" {len(audited.notes) - 1} more columns do so." if len(audited.notes) > 1 else ""
            return Outcome("passed", audited.notes[0] + more, details)
        return Outcome("passed", "Every cell of a feature is a number or empty.", details)


CHECK = ReadableValues()

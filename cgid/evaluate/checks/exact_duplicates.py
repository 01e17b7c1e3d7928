"""Does the same file lie on both sides of a split, or carry both labels?"""

import numpy as np

from cgid.evaluate.check import Audited, Check, Outcome


class ExactDuplicates(Check):
    code = "exact_duplicates"
    title = "Exact duplicates"
    remedy = "Clean the manifest (`cgid data clean`) and split again; conflicting labels must be settled by a person."

    def run(self, audited: Audited) -> Outcome:
        """By content hash (`record_id` or `sha256`)."""
        content = audited.text("record_id")
        content = audited.text("sha256") if content is None else content
        if content is None:
            return Outcome("not_applicable", "The table does not identify files by content.")
        split = audited.text("split")
        split = np.full(len(content), "") if split is None else split
        kept = content != ""
        repeats = int(kept.sum() - len(set(content[kept])))
        conflicts = _torn(content[kept], audited.label[kept].astype(str))
        across = _torn(content[kept], split[kept])
        details = {"repeated_rows": repeats, "conflicting_labels": conflicts, "across_splits": across}
        if conflicts:
            return Outcome("issue", f"{conflicts} files carry both labels.", details)
        if across:
            return Outcome("issue", f"{across} files lie in more than one split.", details)
        if repeats:
            return Outcome("warning", f"{repeats} rows repeat a file that is already there.", details)
        return Outcome("passed", "No file is there twice.", details)


def _torn(content: np.ndarray, kind: np.ndarray) -> int:
    """Files that occur with more than one non-empty kind."""
    seen: dict[str, set[str]] = {}
    for key, name in zip(content, kind):
        if name:
            seen.setdefault(key, set()).add(name)
    return sum(len(kinds) > 1 for kinds in seen.values())


CHECK = ExactDuplicates()

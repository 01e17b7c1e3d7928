"""Is one photograph, video or near-duplicate cluster on both sides of a split?"""

from cgid.evaluate.check import Audited, Check, Outcome


class GroupAcrossSplits(Check):
    code = "group_across_splits"
    title = "Groups across splits"
    remedy = "Split again by group (`cgid data split`): test images must share no origin with training images."

    def run(self, audited: Audited) -> Outcome:
        """Groups whose rows are in more than one of train, val, test, external."""
        group, split = audited.text("group"), audited.text("split")
        if group is None or split is None or len({s for s in split if s}) < 2:
            return Outcome("not_applicable", "The table has no groups, or is of one split only.")
        homes: dict[str, set[str]] = {}
        for key, name in zip(group, split):
            if key and name:
                homes.setdefault(key, set()).add(name)
        torn = sorted(key for key, names in homes.items() if len(names) > 1)
        if torn:
            text = f"{len(torn)} of {len(homes)} groups lie in more than one split."
            return Outcome("issue", text, {"groups": len(torn), "examples": torn[:10]})
        return Outcome("passed", f"Each of {len(homes)} groups lies in one split.", {"groups": 0})


CHECK = GroupAcrossSplits()

"""Does the same file lie on both sides of a split, or carry both labels?

Is one photograph, video or near-duplicate cluster on both sides of a split?

Were the sources of the test images trained on? Then a test figure says nothing about a camera or generator unseen.

Does a picture in one split look like one in another? The pairs, to be looked at.

Can training images be told from test images? Then a test figure says little about one of them.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from cgid.audit.check import Audited, Check, Outcome
from cgid.audit.probes import probe


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


EXACT_DUPLICATES = ExactDuplicates()


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


GROUP_ACROSS_SPLITS = GroupAcrossSplits()


class SourceAcrossSplits(Check):
    code = "source_across_splits"
    title = "Sources across splits"
    remedy = "Judge the model on sources it was not trained on (`cgid leave-one-source-out`), beside this test."

    def run(self, audited: Audited) -> Outcome:
        """Warning where test sources were trained on and each brings one class: to know the source is to know the label.

        Sources with both classes on both sides are the usual test within a source: passed, and said.
        """
        source, split = audited.text("source"), audited.text("split")
        if source is None or split is None or not {"train", "test"} <= set(split):
            return Outcome("not_applicable", "The table has no sources, or no train and test rows to compare.")
        known = source != ""
        trained, tested = (set(source[known & (split == s)]) for s in ("train", "test"))
        shared = sorted(trained & tested)
        telling = [s for s in shared if len(set(audited.label[source == s])) == 1]
        details = {"shared": shared[:50], "one_class": telling[:50], "tested": len(tested)}
        if not shared:
            return Outcome("passed", "No source of the test images was trained on.", details)
        share = float(np.isin(source[known & (split == "test")], shared).mean())
        text = f"{len(shared)} of {len(tested)} sources of the test were trained on ({share:.0%} of its images)"
        if telling and len(trained | tested) > 1:
            return Outcome(
                "warning", f"{text}; {len(telling)} of them bring one class only, so that the source tells it.", details
            )
        return Outcome("passed", f"{text}: the test says nothing about unseen ones.", details)


SOURCE_ACROSS_SPLITS = SourceAcrossSplits()


SHOWN = 40
LARGEST = 60  # images of one cluster that are compared: those of a burst of thousands all say the same


class NearDuplicatesAcrossSplits(Check):
    code = "near_duplicates_across_splits"
    title = "Near-duplicates across splits"
    remedy = "Split again by group (`cgid data clean`, then `cgid data split`)."

    def run(self, audited: Audited) -> Outcome:
        """Clusters of pictures joined by 5 of 64 bits or less (pHash) that are torn between splits, one pair of each."""
        cluster = audited.text("near_duplicate_group")
        if cluster is None and audited.text("phash") is None:
            return Outcome("not_applicable", "The table does not know what the pictures look like (`--manifest`).")
        if cluster is None:
            return Outcome("passed", "No two pictures look alike.", {"pairs": [], "clusters": 0})
        split = audited.text("split")
        split = np.full(len(cluster), "") if split is None else split
        mixed, pairs = 0, []
        for rows in pd.Series(np.arange(len(cluster))).groupby(cluster):
            members = rows[1].to_numpy()
            if not rows[0] or len(members) < 2:
                continue
            mixed += len(set(audited.label[members])) > 1
            if len({s for s in split[members] if s}) > 1:
                pairs.append(_closest(audited, members, split))
        pairs.sort(key=lambda p: (64 if p["distance"] is None else p["distance"], p["first"]))
        details = {"clusters": len(pairs), "both_classes": mixed, "pairs": pairs[:SHOWN]}
        # an edited or generated version of a photograph may well look like it: said, not judged
        both = f" Clusters in which a real photo and an AI image look alike: {mixed}." if mixed else ""
        if pairs:
            verb = "cluster of look-alikes lies" if len(pairs) == 1 else "clusters of look-alikes lie"
            return Outcome("issue", f"{len(pairs)} {verb} in more than one split.{both}", details)
        return Outcome("passed", f"No two pictures of different splits look alike.{both}", details)


def _closest(audited: Audited, members: np.ndarray, split: np.ndarray) -> dict:
    """The two most alike of a cluster that differ in split. distance: bits of 64; None = unknown."""
    hashes, names = audited.text("phash"), _names(audited)
    members = _some(members, split)
    best = None
    for i, j in combinations(members, 2):
        if not split[i] or not split[j] or split[i] == split[j]:
            continue
        distance = None if hashes is None else _bits(hashes[i], hashes[j])
        rank = 64 if distance is None else distance
        if best is None or rank < best[0]:
            best = (rank, int(i), int(j), distance)
    _, i, j, distance = best
    pair = {"distance": distance}
    for side, row in (("first", i), ("second", j)):
        pair |= {
            side: names[row],
            f"{side}_split": str(split[row]),
            f"{side}_label": ("real", "ai")[audited.label[row]],
        }
    return pair


def _some(members: np.ndarray, split: np.ndarray) -> np.ndarray:
    """At most LARGEST, in turns from every split, so that none is left out."""
    kinds = pd.Series(split[members])
    return members[np.argsort(kinds.groupby(kinds).cumcount().to_numpy(), kind="stable")[:LARGEST]]


def _bits(first: str, second: str) -> int | None:
    try:
        return (int(first, 16) ^ int(second, 16)).bit_count()
    except ValueError:
        return None


def _names(audited: Audited) -> np.ndarray:
    for column in ("filepath", "filename", "record_id"):
        found = audited.text(column)
        if found is not None:
            return found
    return np.array([f"row {i + 1}" for i in range(len(audited.label))], dtype=object)


NEAR_DUPLICATES_ACROSS_SPLITS = NearDuplicatesAcrossSplits()


class AdversarialValidation(Check):
    code = "adversarial_validation"
    title = "Train against test"
    remedy = "Split again at random by group, unless the test set is meant to come from elsewhere."

    def run(self, audited: Audited) -> Outcome:
        """AUC of a small model that guesses the split from the features; 0.5 is wanted."""
        split = audited.text("split")
        if split is None or not {"train", "test"} <= set(split) or not audited.columns:
            return Outcome("not_applicable", "The table has no train and test rows to compare.")
        rows = np.isin(split, ["train", "test"])
        part = audited.frame.loc[rows, list(audited.columns)].apply(pd.to_numeric, errors="coerce")
        codes = np.unique(audited.codes[rows], return_inverse=True)[1]
        found = probe(part.to_numpy(dtype=float), (split[rows] == "test").astype(int), codes, draws=200)
        auc = found["auc"]
        if auc["value"] is None:
            return Outcome("not_applicable", "Too few independent images in train or test to ask.")
        if (auc["low"] or 0) > 0.6:
            text = f"Test images differ from training images (AUC {auc['value']:.2f}, 0.5 is wanted)."
            return Outcome("warning", text, {"auc": auc})
        return Outcome("passed", f"Training and test images look alike (AUC {auc['value']:.2f}).", {"auc": auc})


ADVERSARIAL_VALIDATION = AdversarialValidation()

CHECKS = (
    EXACT_DUPLICATES,
    GROUP_ACROSS_SPLITS,
    SOURCE_ACROSS_SPLITS,
    NEAR_DUPLICATES_ACROSS_SPLITS,
    ADVERSARIAL_VALIDATION,
)

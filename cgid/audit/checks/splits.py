"""Checks of the splits: duplicates, groups, sources and near-duplicates across splits, and adversarial validation."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from cgid.audit.check import AuditInput, Check, Outcome
from cgid.audit.probes import probe


class ExactDuplicates(Check):
    code = "exact_duplicates"
    title = "Exact duplicates"
    remedy = "Clean the manifest (`cgid data clean`) and split again; conflicting labels must be resolved by hand."

    def run(self, audited: AuditInput) -> Outcome:
        """By content hash (`record_id` or `sha256`)."""
        content = audited.text("record_id")
        content = audited.text("sha256") if content is None else content
        if content is None:
            return Outcome("not_applicable", "The table does not identify files by content.")
        split = audited.text("split")
        split = np.full(len(content), "") if split is None else split
        known = content != ""
        repeats = int(known.sum() - len(set(content[known])))
        conflicts = _count_conflicts(content[known], audited.label[known].astype(str))
        across = _count_conflicts(content[known], split[known])
        details = {"repeated_rows": repeats, "conflicting_labels": conflicts, "across_splits": across}
        if conflicts:
            return Outcome("issue", f"{conflicts} files have both labels.", details)
        if across:
            return Outcome("issue", f"{across} files are in more than one split.", details)
        if repeats:
            return Outcome("warning", f"{repeats} rows repeat a file.", details)
        return Outcome("passed", "No file occurs twice.", details)


def _count_conflicts(content: np.ndarray, kind: np.ndarray) -> int:
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
    remedy = "Split again by group (`cgid data split`): test and training images must not share groups."

    def run(self, audited: AuditInput) -> Outcome:
        """Groups whose rows are in more than one of train, val, test, external."""
        group, split = audited.text("group"), audited.text("split")
        if group is None or split is None or len({s for s in split if s}) < 2:
            return Outcome("not_applicable", "The table has no groups, or contains one split only.")
        splits_of: dict[str, set[str]] = {}
        for key, name in zip(group, split):
            if key and name:
                splits_of.setdefault(key, set()).add(name)
        split_groups = sorted(key for key, names in splits_of.items() if len(names) > 1)
        if split_groups:
            text = f"{len(split_groups)} of {len(splits_of)} groups are in more than one split."
            return Outcome("issue", text, {"groups": len(split_groups), "examples": split_groups[:10]})
        return Outcome("passed", f"Each of {len(splits_of)} groups is in one split only.", {"groups": 0})


GROUP_ACROSS_SPLITS = GroupAcrossSplits()


class SourceAcrossSplits(Check):
    code = "source_across_splits"
    title = "Sources across splits"
    remedy = "Also evaluate the model on sources it was not trained on (`cgid model-a leave-one-source-out`)."

    def run(self, audited: AuditInput) -> Outcome:
        """Warning where test sources are also training sources of one class only: the source then predicts the label.

        Sources with both classes in train and test are the usual in-distribution test: passed, with a note.
        """
        source, split = audited.text("source"), audited.text("split")
        if source is None or split is None or not {"train", "test"} <= set(split):
            return Outcome("not_applicable", "The table has no sources, or no train and test rows to compare.")
        known = source != ""
        trained, tested = (set(source[known & (split == s)]) for s in ("train", "test"))
        shared = sorted(trained & tested)
        one_class = [s for s in shared if len(set(audited.label[source == s])) == 1]
        details = {"shared": shared[:50], "one_class": one_class[:50], "tested": len(tested)}
        if not shared:
            return Outcome("passed", "Train and test share no source.", details)
        fraction = float(np.isin(source[known & (split == "test")], shared).mean())
        text = f"{len(shared)} of {len(tested)} test sources are also in train ({fraction:.0%} of the test images)"
        if one_class and len(trained | tested) > 1:
            return Outcome(
                "warning",
                f"{text}; {len(one_class)} of them contain one class only, so the source predicts the label.",
                details,
            )
        return Outcome("passed", f"{text}: the test does not measure generalisation to unseen sources.", details)


SOURCE_ACROSS_SPLITS = SourceAcrossSplits()


SHOWN = 40
MAX_CLUSTER_IMAGES = 60  # images of one cluster that are compared: bounds the cost of very large clusters


class NearDuplicatesAcrossSplits(Check):
    code = "near_duplicates_across_splits"
    title = "Near-duplicates across splits"
    remedy = "Split again by group (`cgid data clean`, then `cgid data split`)."

    def run(self, audited: AuditInput) -> Outcome:
        """Near-duplicate clusters (at most 5 of 64 pHash bits) that span several splits, one pair of each."""
        cluster = audited.text("near_duplicate_group")
        if cluster is None and audited.text("phash") is None:
            return Outcome("not_applicable", "The table has no perceptual hashes (`--manifest`).")
        if cluster is None:
            return Outcome("passed", "There are no near-duplicates.", {"pairs": [], "clusters": 0})
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
        # an edited or generated version of a photograph may resemble it: reported, not rated
        both = f" Clusters with both a real photo and an AI image: {mixed}." if mixed else ""
        if pairs:
            verb = "cluster of near-duplicates spans" if len(pairs) == 1 else "clusters of near-duplicates span"
            return Outcome("issue", f"{len(pairs)} {verb} more than one split.{both}", details)
        return Outcome("passed", f"No near-duplicates across splits.{both}", details)


def _closest(audited: AuditInput, members: np.ndarray, split: np.ndarray) -> dict[str, Any]:
    """The two most similar images of a cluster in different splits. distance: Hamming, 0..64 bits; None = unknown."""
    hashes, names = audited.text("phash"), _names(audited)
    members = _sample_members(members, split)
    best: tuple[int, int, int, int | None] | None = None
    for i, j in combinations(members, 2):
        if not split[i] or not split[j] or split[i] == split[j]:
            continue
        distance = None if hashes is None else _hamming_distance(hashes[i], hashes[j])
        rank = 64 if distance is None else distance
        if best is None or rank < best[0]:
            best = (rank, int(i), int(j), distance)
    assert best is not None, "a cluster lies in at least two splits"
    _, i, j, distance = best
    pair: dict[str, Any] = {"distance": distance}
    for side, row in (("first", i), ("second", j)):
        pair |= {
            side: names[row],
            f"{side}_split": str(split[row]),
            f"{side}_label": ("real", "ai")[audited.label[row]],
        }
    return pair


def _sample_members(members: np.ndarray, split: np.ndarray) -> np.ndarray:
    """At most MAX_CLUSTER_IMAGES, alternating between the splits, so that none is left out."""
    kinds = pd.Series(split[members])
    return members[np.argsort(kinds.groupby(kinds).cumcount().to_numpy(), kind="stable")[:MAX_CLUSTER_IMAGES]]


def _hamming_distance(first: str, second: str) -> int | None:
    try:
        return (int(first, 16) ^ int(second, 16)).bit_count()
    except ValueError:
        return None


def _names(audited: AuditInput) -> np.ndarray:
    for column in ("filepath", "filename", "record_id"):
        names = audited.text(column)
        if names is not None:
            return names
    return np.array([f"row {i + 1}" for i in range(len(audited.label))], dtype=object)


NEAR_DUPLICATES_ACROSS_SPLITS = NearDuplicatesAcrossSplits()


class AdversarialValidation(Check):
    code = "adversarial_validation"
    title = "Train against test"
    remedy = "Split again at random by group, unless the test set is meant to have another distribution."

    def run(self, audited: AuditInput) -> Outcome:
        """AUC of a small model that predicts the split from the features; 0.5 is ideal."""
        split = audited.text("split")
        if split is None or not {"train", "test"} <= set(split) or not audited.columns:
            return Outcome("not_applicable", "The table has no train and test rows to compare.")
        rows = np.isin(split, ["train", "test"])
        features = audited.frame.loc[rows, list(audited.columns)].apply(pd.to_numeric, errors="coerce")
        codes = np.unique(audited.codes[rows], return_inverse=True)[1]
        result = probe(features.to_numpy(dtype=float), (split[rows] == "test").astype(int), codes, draws=200)
        auc = result["auc"]
        if auc["value"] is None:
            return Outcome("not_applicable", "Too few independent images in train or test to test.")
        if (auc["low"] or 0) > 0.6:
            text = f"Test images differ from training images (AUC {auc['value']:.2f}, 0.5 is ideal)."
            return Outcome("warning", text, {"auc": auc})
        return Outcome(
            "passed", f"Training and test images cannot be separated (AUC {auc['value']:.2f}).", {"auc": auc}
        )


ADVERSARIAL_VALIDATION = AdversarialValidation()

CHECKS = (
    EXACT_DUPLICATES,
    GROUP_ACROSS_SPLITS,
    SOURCE_ACROSS_SPLITS,
    NEAR_DUPLICATES_ACROSS_SPLITS,
    ADVERSARIAL_VALIDATION,
)

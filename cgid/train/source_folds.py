"""Folds of leave-one-source-out: which sources are left out together, and the training rows that remain.

A source with both classes is left out alone. Sources of one class are left out in pairs, a real one with an AI one:
both lists are ordered by size (the largest first, then by name), the n-th is paired with the n-th, and the shorter list
starts again, so that each source is left out at least once. A source of one class without a partner is left out alone;
then only one of the two error rates is defined. Training and evaluation never share a source.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cgid.data.manifest import LABELS, external_names, read_manifest
from cgid.data.params import SplitParams
from cgid.data.split import split_frame
from cgid.errors import InputError

RATIOS = (70, 15, 15)  # train, val and in-domain test of what is not left out, in per cent
COLUMNS = ["path", "label", "source", "generator", "group"]


@dataclass(frozen=True, slots=True)
class Fold:
    """name: valid as a folder name. left_out: rows evaluated. rest: the others, with `split`. related: number of rows
    dropped because they share a group, a near-duplicate or their content with a row left out."""

    name: str
    sources: tuple[str, ...]
    left_out: pd.DataFrame
    rest: pd.DataFrame
    related: int

    @property
    def title(self) -> str:
        return " + ".join(self.sources)


def combine_manifests(paths: Sequence[Path]) -> pd.DataFrame:
    """All rows of the manifests, one for each file; where `source` is empty the manifest's own name stands for it.

    Raises InputError: no manifest, a damaged one, a file that one calls real and another AI.
    """
    parts = []
    for name, path in zip(external_names(list(paths)), paths):
        frame = read_manifest(path)
        frame["source"] = frame["source"].str.strip().replace("", name)
        frame["group"] = frame["group"].fillna("") if "group" in frame else ""
        parts.append(frame[COLUMNS])
    if not parts:
        raise InputError("Name at least one manifest.")
    frame = pd.concat(parts, ignore_index=True)
    classes = frame.groupby("path")["label"].nunique()
    if (classes > 1).any():
        raise InputError(f"The manifests list {classes.idxmax()} as real and as ai; correct one of them.")
    return frame.drop_duplicates("path", ignore_index=True).assign(split="")


def held_out_sources(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    """Names of the sources that are left out together, in the order of evaluation. frame: source, label."""
    counts = pd.crosstab(frame["source"], frame["label"]).reindex(columns=list(LABELS), fill_value=0)
    size = counts.sum(axis=1)
    ordered = sorted(counts.index, key=lambda name: (-size[name], name))
    real, ai = ([name for name in ordered if counts.loc[name, other] == 0] for other in ("ai", "real"))
    single = [(name,) for name in ordered if name not in {*real, *ai}]
    if not real or not ai:
        return single + [(name,) for name in real + ai]
    return single + [(real[i % len(real)], ai[i % len(ai)]) for i in range(max(len(real), len(ai)))]


def leave_out_folds(frame: pd.DataFrame, seed: int) -> tuple[list[Fold], list[str]]:
    """(folds, a sentence for each source that cannot be left out). frame: a cleaned manifest's rows.

    Raises InputError where nothing can be left out.
    """
    combinations = held_out_sources(frame)
    folds, problems = [], []
    for names, slug in zip(combinations, _slugs(combinations)):
        try:
            folds.append(_leave_out(frame, names, slug, seed))
        except InputError as error:
            problems.append(f"{' + '.join(names)} cannot be left out: {error}")
    if len(set(frame["source"])) < 2:
        raise InputError(
            f"All images are of one source, {frame['source'].iloc[0]}; add manifests of other sources: one is left "
            f"out, "
            "the others are trained on."
        )
    if not folds:
        raise InputError(problems[0])
    return folds, problems


def _leave_out(frame: pd.DataFrame, names: tuple[str, ...], slug: str, seed: int) -> Fold:
    left_out = frame["source"].isin(names)
    related = ~left_out & frame["group"].isin(frame.loc[left_out, "group"])
    rest = frame[~left_out & ~related]
    for label in LABELS:
        if not (rest["label"] == label).any():
            raise InputError(f"no `{label}` image would be left to train on; add another source of that class.")
    params = SplitParams(Path("what is left"), Path(), RATIOS, seed)
    return Fold(slug, names, frame[left_out], split_frame(rest.copy(), params).selected, int(related.sum()))


def _slugs(combinations: Sequence[tuple[str, ...]]) -> list[str]:
    """Folder names from the names of the sources; a part of their hash distinguishes names that would be equal."""
    titles = ["--".join(names) for names in combinations]
    slugs = [re.sub(r"[^A-Za-z0-9_-]+", "_", title).strip("_")[:80] or "source" for title in titles]
    hashes = [hashlib.blake2b("\0".join(names).encode(), digest_size=4).hexdigest() for names in combinations]
    lower = [slug.lower() for slug in slugs]
    return [w if lower.count(w.lower()) == 1 and w == t else f"{w}-{h}" for w, t, h in zip(slugs, titles, hashes)]

"""Is one run better than another on the same images, by more than chance, and on which images do they part?

The comparison of two runs in plain sentences and as a page to hand on.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cgid.errors import InputError
from cgid.escape import escaped, plain
from cgid.evaluate.comparison import agreement, compare, outcomes
from cgid.files import read_json, write_json, write_text
from cgid.progress import Report
from cgid.runs.params import CompareRunsParams
from cgid.runs.run import Run
from cgid.runs.store import load_run

FIGURES = {
    "auc": "AUC (bootstrap)",
    "balanced_accuracy": "Balanced accuracy",
    "accuracy": "Accuracy",
    "specificity": "Real photos left alone",
    "recall": "AI images caught",
}
KINDS = {"model_a": "Model A", "model_b": "Model B"}


def name_of(run: Run) -> str:
    """`Model A demo`: ids of the two kinds may be the same. Folder names are foreign text: nothing that acts."""
    return f"{KINDS[run.kind]} {plain(run.id, 60)}"


def verdict(content: Mapping[str, Any]) -> str:
    """Which is better, by how much, and whether chance explains it, in one sentence; brackets: 95 % interval.

    `More than chance` needs both intervals of the AUC's difference, DeLong's and the bootstrap's, to leave out zero:
    with few groups the two can part, and then nothing is shown.
    """
    a, b, n = content["a"]["name"], content["b"]["name"], content["n"]
    auc, boot = content["auc"], content["bootstrap"]["auc"]
    value, low, high = auc["difference"], auc["low"], auc["high"]
    if value is None:
        return f"Which of the two ranks better cannot be said: the {n} common images are too few or of one class."
    if low is None or (content["draws"] and boot["low"] is None):
        return f"{a} and {b} differ by {abs(value):.3f} AUC on {n} images; too few sources to say how sure that is."
    if value == low == high == 0:
        return f"{a} and {b} order the {n} common images equally well."
    better, worse = (b, a) if value > 0 else (a, b)
    sides = [(low, high)] + ([(boot["low"], boot["high"])] if content["draws"] else [])
    holding = next((side for side in sides if side[0] <= 0 <= side[1]), None)
    if holding is None:
        ends = sorted((abs(low), abs(high)))
        return f"{better} is better than {worse} by {abs(value):.3f} AUC ({ends[0]:.3f} to {ends[1]:.3f}); more than chance."  # fmt: skip
    low, high = holding if value > 0 else (-holding[1], -holding[0])
    ahead = f"{better} is ahead of {worse} by {abs(value):.3f}"
    return f"No difference in AUC is shown: {ahead}, but chance alone could do that ({low:+.3f} to {high:+.3f})."


def at_thresholds(content: Mapping[str, Any]) -> str:
    """What the frozen thresholds add, where it is more than chance: AUC alone does not see a threshold that is off."""
    found = content["bootstrap"]["balanced_accuracy"]
    value, low, high = (found[k] for k in ("difference", "low", "high"))
    if low is None or low <= 0 <= high:
        return ""
    better, ends = content["b" if value > 0 else "a"]["name"], sorted((abs(low), abs(high)))
    return (
        f"Each at its own threshold, {better} has the higher balanced accuracy, by {abs(value):.3f} "
        f"({ends[0]:.3f} to {ends[1]:.3f})."
    )


def rows(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """{"figure", "difference", "low", "high"} per figure that is defined, second run minus first; AUC by DeLong first."""
    blocks = {"AUC (DeLong)": content["auc"]} | {FIGURES[k]: content["bootstrap"][k] for k in FIGURES}
    sides = ("difference", "low", "high")
    return [{"figure": n} | {k: b[k] for k in sides} for n, b in blocks.items() if b["difference"] is not None]


def mcnemar_words(content: Mapping[str, Any]) -> str:
    found = content["mcnemar"]
    how = "exact" if found["exact"] else "with continuity correction"
    a, b = content["a"]["name"], content["b"]["name"]
    return (
        f"Only {a} is right on {found['only_a_right']} images, only {b} on {found['only_b_right']} "
        f"(McNemar, {how}, images taken as independent: {p_words(found['p'])})."
    )


def p_words(p: float | None) -> str:
    if p is None:
        return "p not defined"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def page_of(content: Mapping[str, Any]) -> str:
    """comparison.md."""
    a, b = (escaped(content[side]["name"]) for side in "ab")
    lines = [f"# {b} against {a}", "", escaped(f"{content['verdict']} {content['at_thresholds']}".strip()), ""]
    lines += [f"{content['n']} images both have judged ({content['n_real']} real, {content['n_ai']} AI) of"]
    lines += [
        f"{content['groups']} independent sources, split {escaped(content['split'])}. Each run answers at its own"
    ]
    lines += [f"frozen threshold: {content['a']['threshold']:.3f} and {content['b']['threshold']:.3f}."]
    lines += ["", f"| {b} minus {a} | difference | 95 % interval |", "|---|---|---|"]
    for row in rows(content):
        between = "–" if row["low"] is None else f"{row['low']:+.3f} to {row['high']:+.3f}"
        lines.append(f"| {row['figure']} | {row['difference']:+.3f} | {between} |")
    lines += ["", escaped(mcnemar_words(content)), "", "| images | both right | only the first wrong | only the second wrong | both wrong |"]  # fmt: skip
    lines += ["|---|---|---|---|---|"]
    for part in ("real", "ai", "all"):
        cells = (content["agreement"][part][k] for k in ("both_right", "only_a_wrong", "only_b_wrong", "both_wrong"))
        lines.append(f"| {part} | " + " | ".join(map(str, cells)) + " |")
    lines += [line for warning in content["warnings"] for line in ("", f"**Beware:** {escaped(warning)}")]
    return "\n".join(lines) + "\n"


KEPT = ("filepath", "sha256", "label", "group", "source", "generator")
SEEN_IN = ("train", "val")
FITTED = {"train": "both learned from these images", "val": "epochs and thresholds were chosen on these images"}


def compare_runs(params: CompareRunsParams, report: Report) -> dict[str, Any]:
    """Write comparison_summary.json, comparison.md and compared_images.csv. Raises InputError as `compared` does."""
    if len(params.run) != 2:
        raise InputError(f"--run needs two run folders, not {len(params.run)}: --run FIRST --run SECOND.")
    if params.bootstrap < 0:
        raise InputError(f"--bootstrap must not be negative, not {params.bootstrap}.")
    report(0, 2, "joining the predictions")
    runs = [load_run(path) for path in params.run]
    images, content = compared(runs[0], runs[1], params.split, params.bootstrap, params.seed)
    report(1, 2, "writing")
    folder = Path(params.output_dir)
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "compared_images.csv", images.to_csv(index=False))
    write_text(folder / "comparison.md", page_of(content))
    write_json(folder / "comparison_summary.json", content)
    report(2, 2, "written")
    return content | {"summary": f"{content['verdict']} {content['at_thresholds']}".strip(), "folder": str(folder)}


def compared(a: Run, b: Run, split: str, draws: int = 500, seed: int = 2026) -> tuple[pd.DataFrame, dict[str, Any]]:
    """(a row per common image, those furthest apart first; figures with 95 % intervals, all differences b minus a).

    Images are joined by sha256; each run answers at its own frozen threshold. Raises InputError where one kept no
    predictions of the split, they have no sha256, or no image is in both.
    """
    if a.folder == b.folder:
        raise InputError(f"{a.folder} is named twice; choose two different runs.")
    left, right = _predictions(a, split), _predictions(b, split)
    both = left.merge(right[["sha256", "label", "score"]], on="sha256", suffixes=("", "_b"))
    if both.empty:
        raise InputError(
            f"{name_of(a)} and {name_of(b)} have no image of `{split}` in common (by sha256): judge both on the same "
            "manifest first."
        )
    contradicted = both["label"] != both["label_b"]
    both = both[~contradicted].rename(columns={"score": "score_a", "score_b": "score_b"}).drop(columns="label_b")
    frozen = [_threshold(run) for run in (a, b)]
    threshold = [0.5 if cut is None else cut for cut in frozen]
    images = _rows(both, threshold)
    y, first, second = (images[c].to_numpy(float) for c in ("label", "score_a", "score_b"))
    found = compare(y, second, first, images["group"].to_numpy(), threshold[1], threshold[0], draws, seed)
    names = [name_of(run) for run in (a, b)]
    if names[0] == names[1]:
        names = [f"{name} ({place})" for name, place in zip(names, ("first", "second"))]
    unfair = [f"{n} has no frozen threshold; 0.5 stands in for it." for n, cut in zip(names, frozen) if cut is None]
    content = {
        "a": _about(a, names[0], threshold[0]),
        "b": _about(b, names[1], threshold[1]),
        "split": split,
        "draws": draws,
        "n": len(images),
        "n_real": int((y == 0).sum()),
        "n_ai": int((y == 1).sum()),
        "groups": found["groups"],
        "left_out": {
            "only_in_a": len(left) - int(left["sha256"].isin(right["sha256"]).sum()),
            "only_in_b": len(right) - int(right["sha256"].isin(left["sha256"]).sum()),
            "labels_contradict": int(contradicted.sum()),
        },
        "auc": {"a": found["delong"]["auc_b"], "b": found["delong"]["auc_a"]}
        | {k: found["delong"][k] for k in ("difference", "low", "high", "z", "p")},
        "mcnemar": {
            "only_a_right": found["mcnemar"]["only_b_right"],
            "only_b_right": found["mcnemar"]["only_a_right"],
            "p": found["mcnemar"]["p"],
            "exact": found["mcnemar"]["exact"],
        },
        "bootstrap": found["bootstrap"],
        "agreement": agreement(y, images["called_a"], images["called_b"]),
        "warnings": unfair + _warnings(images, (a, b), names, split),
    }
    return images, content | {"verdict": verdict(content), "at_thresholds": at_thresholds(content)}


def _predictions(run: Run, split: str) -> pd.DataFrame:
    """KEPT and `score`, one row per content. Raises InputError."""
    path = run.predictions_path(split)
    if Path(split).name != split or not path.is_file():
        there = run.prediction_splits()
        raise InputError(f"{name_of(run)} kept no predictions of `{split}`; it has {', '.join(there) or 'none'}.")
    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({error}); judge the images again.") from None
    score = table["probability"] if "probability" in table else pd.Series(np.nan, table.index)
    if "calibrated" in table:
        score = table["calibrated"].fillna(score)
    sha256 = table["sha256"].fillna("").astype(str) if "sha256" in table else pd.Series("", table.index)
    if not (sha256 != "").any() or "label" not in table:
        raise InputError(f"{path} has no sha256 and label of its images, so they cannot be found in another run.")
    table = table.assign(**{c: "" for c in KEPT if c not in table}, score=score)
    group = table["group"].fillna("").astype(str)
    table = table.assign(sha256=sha256, group=group.where(group != "", sha256))
    known = table["label"].isin((0, 1)) & (sha256 != "") & score.notna()
    return table.loc[known, [*KEPT, "score"]].drop_duplicates("sha256", ignore_index=True)


def _threshold(run: Run) -> float | None:
    """The frozen threshold of the headline figures; None where the run has none."""
    try:
        return float(read_json(run.thresholds_path)["thresholds"]["balanced"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _rows(both: pd.DataFrame, threshold: list[float]) -> pd.DataFrame:
    called = [both[f"score_{side}"] >= cut for side, cut in zip("ab", threshold)]
    right = [c == (both["label"] == 1) for c in called]
    rows = both.assign(called_a=called[0], called_b=called[1], outcome=outcomes(*right))
    rows["apart"] = (rows["score_a"] - rows["score_b"]).abs()
    return rows.sort_values(["apart", "sha256"], ascending=[False, True], ignore_index=True)


def _about(run: Run, name: str, threshold: float) -> dict[str, Any]:
    simulated = bool(run.manifest.get("simulated"))
    return {"name": name, "run": str(run.folder), "threshold": threshold, "simulated": simulated}


def _warnings(images: pd.DataFrame, runs: tuple[Run, Run], names: list[str], split: str) -> list[str]:
    """What makes the comparison unfair: images that one of the two has learned from or was tuned on."""
    if split in FITTED:
        return [f"The figures flatter both: {FITTED[split]}."]
    if split == "oof":
        return []
    said = []
    for run, name in zip(runs, names):
        for role in SEEN_IN:
            path = run.predictions_path(role)
            if not path.is_file():
                continue
            try:
                known = pd.read_parquet(path, columns=["sha256", "group"])
            except (OSError, ValueError, KeyError):
                continue
            by_content, by_group = set(known["sha256"]) - {""}, set(known["group"].astype(str)) - {""}
            seen = int((images["sha256"].isin(by_content) | images["group"].astype(str).isin(by_group)).sum())
            if seen:
                said.append(f"{name} knows {seen} of these images, or others of their group, from its {role} rows.")
    return said

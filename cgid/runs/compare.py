"""Compares two runs on the same images: is the difference significant, and on which images do they disagree?"""

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
from cgid.progress import Progress
from cgid.runs.params import CompareRunsParams
from cgid.runs.run import Run
from cgid.runs.store import load_run

METRICS = {
    "auc": "AUC (bootstrap)",
    "balanced_accuracy": "Balanced accuracy",
    "accuracy": "Accuracy",
    "specificity": "Specificity (true negative rate)",
    "recall": "Recall (true positive rate)",
}
KINDS = {"model_a": "Model A", "model_b": "Model B"}


def name_of(run: Run) -> str:
    """`Model A demo`: ids of the two kinds may be the same. Folder names are untrusted: plain text only."""
    return f"{KINDS[run.kind]} {plain(run.id, 60)}"


def verdict(content: Mapping[str, Any]) -> str:
    """Which is better, by how much and whether significantly, in one sentence; brackets: 95 % interval.

    Significant only where both intervals of the AUC's difference, DeLong's and the bootstrap's, exclude zero: with few
    groups the two can disagree, and then no difference is claimed.
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
    covering_zero = next((side for side in sides if side[0] <= 0 <= side[1]), None)
    if covering_zero is None:
        ends = sorted((abs(low), abs(high)))
        return f"{better} is better than {worse} by {abs(value):.3f} AUC ({ends[0]:.3f} to {ends[1]:.3f}); statistically significant."  # fmt: skip
    low, high = covering_zero if value > 0 else (-covering_zero[1], -covering_zero[0])
    lead = f"{better} is ahead of {worse} by {abs(value):.3f}"
    return f"No significant difference in AUC is shown: {lead} ({low:+.3f} to {high:+.3f})."


def at_thresholds(content: Mapping[str, Any]) -> str:
    """The difference in balanced accuracy at the fixed thresholds, where significant."""
    interval = content["bootstrap"]["balanced_accuracy"]
    value, low, high = (interval[k] for k in ("difference", "low", "high"))
    if low is None or low <= 0 <= high:
        return ""
    better, ends = content["b" if value > 0 else "a"]["name"], sorted((abs(low), abs(high)))
    return (
        f"Each at its own threshold, {better} has the higher balanced accuracy, by {abs(value):.3f} "
        f"({ends[0]:.3f} to {ends[1]:.3f})."
    )


def rows(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """{"figure", "difference", "low", "high"} per figure that is defined, second run minus first; AUC by DeLong
    first."""
    blocks = {"AUC (DeLong)": content["auc"]} | {METRICS[k]: content["bootstrap"][k] for k in METRICS}
    sides = ("difference", "low", "high")
    return [{"figure": n} | {k: b[k] for k in sides} for n, b in blocks.items() if b["difference"] is not None]


def mcnemar_text(content: Mapping[str, Any]) -> str:
    test = content["mcnemar"]
    method = "exact" if test["exact"] else "with continuity correction"
    a, b = content["a"]["name"], content["b"]["name"]
    return (
        f"Only {a} is right on {test['only_a_right']} images, only {b} on {test['only_b_right']} "
        f"(McNemar, {method}, images taken as independent: {p_text(test['p'])})."
    )


def p_text(p: float | None) -> str:
    if p is None:
        return "p not defined"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def page_of(content: Mapping[str, Any]) -> str:
    """comparison.md."""
    a, b = (escaped(content[side]["name"]) for side in "ab")
    lines = [f"# {b} against {a}", "", escaped(f"{content['verdict']} {content['at_thresholds']}".strip()), ""]
    lines += [f"{content['n']} images evaluated by both ({content['n_real']} real, {content['n_ai']} AI) of"]
    lines += [
        f"{content['groups']} independent sources, split {escaped(content['split'])}. Each run classifies at its own"
    ]
    lines += [f"fixed threshold: {content['a']['threshold']:.3f} and {content['b']['threshold']:.3f}."]
    lines += ["", f"| {b} minus {a} | difference | 95 % interval |", "|---|---|---|"]
    for row in rows(content):
        between = "–" if row["low"] is None else f"{row['low']:+.3f} to {row['high']:+.3f}"
        lines.append(f"| {row['figure']} | {row['difference']:+.3f} | {between} |")
    lines += ["", escaped(mcnemar_text(content)), "", "| images | both right | only the first wrong | only the second wrong | both wrong |"]  # fmt: skip
    lines += ["|---|---|---|---|---|"]
    for part in ("real", "ai", "all"):
        cells = (content["agreement"][part][k] for k in ("both_right", "only_a_wrong", "only_b_wrong", "both_wrong"))
        lines.append(f"| {part} | " + " | ".join(map(str, cells)) + " |")
    lines += [line for warning in content["warnings"] for line in ("", f"**Beware:** {escaped(warning)}")]
    return "\n".join(lines) + "\n"


META_COLUMNS = ("filepath", "sha256", "label", "group", "source", "generator")
FITTED_SPLITS = ("train", "val")
FITTED = {"train": "both were trained on these images", "val": "epochs and thresholds were selected on these images"}


def compare_runs(params: CompareRunsParams, progress: Progress) -> dict[str, Any]:
    """Write comparison_summary.json, comparison.md and compared_images.csv. Raises InputError as `compared` does."""
    if len(params.run) != 2:
        raise InputError(f"--run needs two run folders, not {len(params.run)}: --run FIRST --run SECOND.")
    if params.bootstrap < 0:
        raise InputError(f"--bootstrap must not be negative, not {params.bootstrap}.")
    progress(0, 2, "joining the predictions")
    runs = [load_run(path) for path in params.run]
    images, content = comparison_of(runs[0], runs[1], params.split, params.bootstrap, params.seed)
    progress(1, 2, "writing")
    folder = Path(params.output_dir)
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "compared_images.csv", images.to_csv(index=False))
    write_text(folder / "comparison.md", page_of(content))
    write_json(folder / "comparison_summary.json", content)
    progress(2, 2, "written")
    return content | {"summary": f"{content['verdict']} {content['at_thresholds']}".strip(), "folder": str(folder)}


def comparison_of(
    a: Run, b: Run, split: str, draws: int = 500, seed: int = 2026
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """(a row per common image, largest disagreement first; metrics with 95 % intervals, all differences b minus a).

    Images are joined by sha256; each run classifies at its own fixed threshold. Raises InputError where one has no
    stored predictions of the split, they have no sha256, or no image is in both.
    """
    if a.folder == b.folder:
        raise InputError(f"{a.folder} is named twice; choose two different runs.")
    left, right = _predictions(a, split), _predictions(b, split)
    common = left.merge(right[["sha256", "label", "score"]], on="sha256", suffixes=("", "_b"))
    if common.empty:
        raise InputError(
            f"{name_of(a)} and {name_of(b)} have no image of `{split}` in common (by sha256): evaluate both on "
            "the same manifest first."
        )
    contradictory = common["label"] != common["label_b"]
    common = common[~contradictory].rename(columns={"score": "score_a", "score_b": "score_b"}).drop(columns="label_b")
    fixed_thresholds = [_threshold(run) for run in (a, b)]
    threshold = [0.5 if fixed is None else fixed for fixed in fixed_thresholds]
    images = _rows(common, threshold)
    y, first, second = (images[c].to_numpy(float) for c in ("label", "score_a", "score_b"))
    result = compare(y, second, first, images["group"].to_numpy(), threshold[1], threshold[0], draws, seed)
    names = [name_of(run) for run in (a, b)]
    if names[0] == names[1]:
        names = [f"{name} ({place})" for name, place in zip(names, ("first", "second"))]
    unfairness = [
        f"{n} has no fixed threshold; 0.5 is used instead."
        for n, fixed in zip(names, fixed_thresholds)
        if fixed is None
    ]
    content = {
        "a": _run_block(a, names[0], threshold[0]),
        "b": _run_block(b, names[1], threshold[1]),
        "split": split,
        "draws": draws,
        "n": len(images),
        "n_real": int((y == 0).sum()),
        "n_ai": int((y == 1).sum()),
        "groups": result["groups"],
        "left_out": {
            "only_in_a": len(left) - int(left["sha256"].isin(right["sha256"]).sum()),
            "only_in_b": len(right) - int(right["sha256"].isin(left["sha256"]).sum()),
            "labels_contradict": int(contradictory.sum()),
        },
        "auc": {"a": result["delong"]["auc_b"], "b": result["delong"]["auc_a"]}
        | {k: result["delong"][k] for k in ("difference", "low", "high", "z", "p")},
        "mcnemar": {
            "only_a_right": result["mcnemar"]["only_b_right"],
            "only_b_right": result["mcnemar"]["only_a_right"],
            "p": result["mcnemar"]["p"],
            "exact": result["mcnemar"]["exact"],
        },
        "bootstrap": result["bootstrap"],
        "agreement": agreement(y, images["called_a"], images["called_b"]),
        "warnings": unfairness + _warnings(images, (a, b), names, split),
    }
    return images, content | {"verdict": verdict(content), "at_thresholds": at_thresholds(content)}


def _predictions(run: Run, split: str) -> pd.DataFrame:
    """META_COLUMNS and `score`, one row per content. Raises InputError."""
    path = run.predictions_path(split)
    if Path(split).name != split or not path.is_file():
        available = run.prediction_splits()
        raise InputError(
            f"{name_of(run)} has no stored predictions of `{split}`; it has {', '.join(available) or 'none'}."
        )
    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({error}); evaluate the images again.") from None
    score = table["probability"] if "probability" in table else pd.Series(np.nan, table.index)
    if "calibrated" in table:
        score = table["calibrated"].fillna(score)
    sha256 = table["sha256"].fillna("").astype(str) if "sha256" in table else pd.Series("", table.index)
    if not (sha256 != "").any() or "label" not in table:
        raise InputError(f"{path} has no sha256 and label of its images, so they cannot be found in another run.")
    table = table.assign(**{c: "" for c in META_COLUMNS if c not in table}, score=score)
    group = table["group"].fillna("").astype(str)
    table = table.assign(sha256=sha256, group=group.where(group != "", sha256))
    known = table["label"].isin((0, 1)) & (sha256 != "") & score.notna()
    return table.loc[known, [*META_COLUMNS, "score"]].drop_duplicates("sha256", ignore_index=True)


def _threshold(run: Run) -> float | None:
    """The fixed threshold of the main metrics; None where the run has none."""
    try:
        return float(read_json(run.thresholds_path)["thresholds"]["balanced"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _rows(both: pd.DataFrame, threshold: list[float]) -> pd.DataFrame:
    called = [both[f"score_{side}"] >= fixed for side, fixed in zip("ab", threshold)]
    right = [c == (both["label"] == 1) for c in called]
    rows = both.assign(called_a=called[0], called_b=called[1], outcome=outcomes(*right))
    rows["apart"] = (rows["score_a"] - rows["score_b"]).abs()
    return rows.sort_values(["apart", "sha256"], ascending=[False, True], ignore_index=True)


def _run_block(run: Run, name: str, threshold: float) -> dict[str, Any]:
    simulated = bool(run.manifest.get("simulated"))
    return {"name": name, "run": str(run.folder), "threshold": threshold, "simulated": simulated}


def _warnings(images: pd.DataFrame, runs: tuple[Run, Run], names: list[str], split: str) -> list[str]:
    """What makes the comparison unfair: images that one of the two was trained or tuned on."""
    if split in FITTED:
        return [f"The metrics of both are optimistic: {FITTED[split]}."]
    if split == "oof":
        return []
    warnings = []
    for run, name in zip(runs, names):
        for role in FITTED_SPLITS:
            path = run.predictions_path(role)
            if not path.is_file():
                continue
            try:
                known = pd.read_parquet(path, columns=["sha256", "group"])
            except (OSError, ValueError, KeyError):
                continue
            by_content, by_group = set(known["sha256"]) - {""}, set(known["group"].astype(str)) - {""}
            count = int((images["sha256"].isin(by_content) | images["group"].astype(str).isin(by_group)).sum())
            if count:
                warnings.append(f"{name} has {count} of these images, or others of their group, in its {role} rows.")
    return warnings

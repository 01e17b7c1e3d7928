"""Is one run better than another on the same images, by more than chance, and on which images do they part?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cgid.errors import InputError
from cgid.evaluate.agreement import agreement, outcomes
from cgid.evaluate.comparison import compare
from cgid.files import read_json, write_json, write_text
from cgid.models.store import load_run
from cgid.report import Report
from cgid.runs.run import Run
from cgid.studies.compare_params import CompareRunsParams
from cgid.studies.compare_words import at_thresholds, name_of, page_of, verdict

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

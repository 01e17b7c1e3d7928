"""Two runs on the same images: joined by content, each at its own threshold, told in a true sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, roc_auc_score

from cgid.cli.main import main
from cgid.errors import InputError
from cgid.files import read_json, write_json
from cgid.progress import silent
from cgid.runs.compare import compare_runs, comparison_of
from cgid.runs.params import CompareRunsParams
from cgid.runs.store import load_run

N = 240


def make(
    folder: Path, strength: float, threshold: float = 0.5, seed: int = 0, kind: str = "model_a", rows=None
) -> Path:
    """A run that separates the classes by `strength`; rows: which of the N images it has judged."""
    random, label = np.random.default_rng(seed), np.arange(N) % 2
    score = 1 / (1 + np.exp(-random.normal((label - 0.5) * strength, 1)))
    table = pd.DataFrame(
        {"filepath": [f"/i/{i}.png" for i in range(N)], "sha256": [f"{i:064x}" for i in range(N)], "label": label}
        | {"group": [f"g{i // 2}" for i in range(N)], "source": "s", "generator": "", "calibrated": score}
    )
    folder.mkdir(parents=True)
    table.iloc[range(N) if rows is None else rows].to_parquet(folder / "predictions_test.parquet")
    write_json(folder / "thresholds.json", {"thresholds": {"balanced": threshold}})
    write_json(folder / "run_manifest.json", {"kind": kind, "run_id": folder.name})
    return folder


def table_of(run: Path) -> pd.DataFrame:
    return pd.read_parquet(run / "predictions_test.parquet")


def test_figures_are_those_of_scikit_learn_each_run_at_its_own_threshold(tmp_path):
    a, b = make(tmp_path / "a", 1.0, 0.4), make(tmp_path / "b", 3.0, 0.6, seed=1, kind="model_b")
    result = compare_runs(CompareRunsParams((a, b), tmp_path / "out", bootstrap=200), silent)
    one, two = table_of(a), table_of(b)
    auc = [roc_auc_score(t["label"], t["calibrated"]) for t in (one, two)]
    right = [accuracy_score(t["label"], t["calibrated"] >= cut) for t, cut in ((one, 0.4), (two, 0.6))]
    assert (result["auc"]["a"], result["auc"]["b"]) == pytest.approx(auc)
    assert result["auc"]["difference"] == pytest.approx(auc[1] - auc[0])
    assert result["bootstrap"]["accuracy"]["difference"] == pytest.approx(right[1] - right[0])
    assert result["verdict"].startswith("Model B b is better than Model A a by")
    assert "statistically significant" in result["verdict"] and result["groups"] == N // 2
    gap = result["mcnemar"]["only_b_right"] - result["mcnemar"]["only_a_right"]
    assert gap == round((right[1] - right[0]) * N)
    images = pd.read_csv(tmp_path / "out" / "compared_images.csv")
    assert images["apart"].is_monotonic_decreasing and len(images) == N
    assert read_json(tmp_path / "out" / "comparison_summary.json")["verdict"] == result["verdict"]
    assert "| AUC (DeLong) | +" in (tmp_path / "out" / "comparison.md").read_text()


def test_the_other_way_round_every_difference_changes_its_sign(tmp_path):
    a, b = (load_run(make(tmp_path / name, s, seed=i)) for i, (name, s) in enumerate((("a", 1.0), ("b", 2.0))))
    there, back = (comparison_of(x, y, "test", 100)[1] for x, y in ((a, b), (b, a)))
    assert there["auc"]["difference"] == pytest.approx(-back["auc"]["difference"])
    assert there["bootstrap"]["recall"]["low"] == pytest.approx(-back["bootstrap"]["recall"]["high"])
    assert there["mcnemar"]["only_a_right"] == back["mcnemar"]["only_b_right"]
    assert there["agreement"]["real"]["only_a_wrong"] == back["agreement"]["real"]["only_b_wrong"]


def test_two_alike_runs_show_no_difference(tmp_path):
    a, b = (load_run(make(tmp_path / name, 1.0, seed=i)) for i, name in enumerate("ab"))
    assert comparison_of(a, b, "test", 200)[1]["verdict"].startswith("No significant difference in AUC is shown:")
    same = comparison_of(a, load_run(make(tmp_path / "c", 1.0, seed=0)), "test", 100)[1]
    assert "equally well" in same["verdict"] and same["mcnemar"]["p"] == 1


def test_only_common_images_whose_label_both_agree_on_are_compared(tmp_path):
    a, b = make(tmp_path / "a", 1.0, rows=range(200)), make(tmp_path / "b", 2.0, rows=range(40, N))
    changed = table_of(b)
    changed.loc[changed.index[:3], "label"] = 1 - changed["label"].iloc[:3]
    changed.to_parquet(b / "predictions_test.parquet")
    content = comparison_of(load_run(a), load_run(b), "test", 0)[1]
    assert content["n"] == 160 - 3
    assert content["left_out"] == {"only_in_a": 40, "only_in_b": 40, "labels_contradict": 3}


def test_images_that_one_run_learned_from_are_told(tmp_path):
    a, b = make(tmp_path / "a", 1.0), make(tmp_path / "b", 2.0)
    table_of(a).iloc[:10:2].to_parquet(b / "predictions_train.parquet")  # five images, whose groups hold ten
    (a / "thresholds.json").unlink()
    said = comparison_of(load_run(a), load_run(b), "test", 0)[1]["warnings"]
    assert said == [
        "Model A a has no fixed threshold; 0.5 is used instead.",
        "Model A b has 10 of these images, or others of their group, in its train rows.",
    ]


def test_one_class_gives_a_sentence_and_no_ranking(tmp_path):
    a, b = (load_run(make(tmp_path / name, 1.0, seed=i, rows=range(1, N, 2))) for i, name in enumerate("ab"))
    content = comparison_of(a, b, "test", 100)[1]
    assert "cannot be said" in content["verdict"] and content["bootstrap"]["recall"]["difference"] is not None


def test_a_name_of_a_folder_is_never_markup(tmp_path):
    from cgid.runs.compare import page_of

    a, b = load_run(make(tmp_path / "![x](y) <b>|", 1.0)), load_run(make(tmp_path / "b", 2.0))
    page = page_of(comparison_of(a, b, "test", 0)[1])
    assert "![" not in page.replace("\\!", "").replace("\\[", "") and "<b>" not in page.replace("\\<", "")


def test_what_cannot_be_compared_is_one_sentence(tmp_path, capsys):
    a, b = make(tmp_path / "a", 1.0, rows=range(10)), make(tmp_path / "b", 1.0, rows=range(20, 30))
    runs = load_run(a), load_run(b)
    for one, other, split, said in (
        (*runs, "test", "no image of `test` in common"),
        (*runs, "val", "has no stored predictions of `val`; it has test"),
        (*runs, "../a/predictions_test", "has no stored predictions"),
        (runs[0], runs[0], "test", "named twice"),
    ):
        with pytest.raises(InputError, match=said):
            comparison_of(one, other, split)
    table_of(a).drop(columns="sha256").to_parquet(a / "predictions_test.parquet")
    with pytest.raises(InputError, match="no sha256"):
        comparison_of(*runs, "test")
    for words in (["--run", a], ["--run", a, b, "--bootstrap", "-1"], ["--run", a, tmp_path / "none"]):
        assert main(["compare-runs", *map(str, words), "--output-dir", str(tmp_path / "out")]) == 2
    assert "Traceback" not in capsys.readouterr().err and not (tmp_path / "out").exists()

"""The format-matching experiment: its chain of jobs, paired metrics on the same images, and its sentences."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cgid.cli.main import main
from cgid.data.manifest import read_manifest
from cgid.errors import InputError
from cgid.evaluate.metrics import summary
from cgid.format_matching import study as format_matching_study
from cgid.format_matching.params import FormatStudyParams, FormatStudyReportParams, parse_conditions
from cgid.format_matching.study import write_report
from cgid.format_matching.study_scores import cross_evaluated, difference, originals, trained
from cgid.jobs.kind import kind_named
from cgid.jobs.submit import submit_chain
from cgid.pipelines import format_study
from cgid.pipelines.format_study import chain
from cgid.progress import silent
from format_matching_cases import leaky


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    monkeypatch.setattr("cgid.jobs.submit.ensure_supervisor", lambda: None)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """The whole study on 60 small images, step by step as the jobs would, with three groups of features."""
    root = tmp_path_factory.mktemp("study")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CGID_HOME", str(root / "home"))
        patch.setattr(format_study, "_all_but_model_a", lambda: "container,metadata,noise")
        for step in chain(FormatStudyParams(leaky(root / "set", 30), root / "study")):
            result = kind_named(step.kind).function()(step.params, silent)
    return root / "study", result


def test_the_chain_waits_for_what_makes_its_inputs(tmp_path):
    manifest = leaky(tmp_path / "set", 12)
    steps = chain(FormatStudyParams(manifest, tmp_path / "study", model_a="small"))
    kinds = [step.kind for step in steps]
    assert kinds.count("data-treat") == 3 and kinds.count("evaluate") == 3 and kinds.count("train-model-a") == 4
    assert kinds[-1] == "treatment-report" and len(steps[-1].after) == 4 + 4 + 4 + 3
    ids = submit_chain(steps)  # raises where an input is made by nobody
    assert submit_chain(chain(FormatStudyParams(manifest, tmp_path / "study", model_a="small"))) == ids


def test_the_command_enters_the_chain_and_says_which_jobs(tmp_path, capsys):
    words = ["treatment-study", "--manifest", str(leaky(tmp_path / "set", 12)), "--output-dir", str(tmp_path / "s")]
    assert main([*words, "--treatments", "matched", "--queue", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["ids"]) == 3 + 4 + 1
    assert main([*words, "--treatments", "magic"]) == 2
    assert "is not one of none, ai-jpeg" in capsys.readouterr().err
    assert main([*words, "--treatments", "none"]) == 2


def test_a_set_without_splits_is_refused_with_a_suggestion(tmp_path):
    manifest = leaky(tmp_path / "set", 12)
    frame = pd.read_csv(manifest).assign(split="train")
    frame.to_csv(tmp_path / "set" / "one.csv", index=False)
    with pytest.raises(InputError, match="cgid data split"):
        chain(FormatStudyParams(tmp_path / "set" / "one.csv", tmp_path / "study"))
    with pytest.raises(InputError, match=r"holds no split\.csv"):
        chain(FormatStudyParams(tmp_path, tmp_path / "study"))
    assert parse_conditions("matched, ai-jpeg") == ["none", "ai-jpeg", "matched"]


def test_a_folder_of_three_manifests_is_read_as_one(tmp_path):
    manifest = leaky(tmp_path / "set", 12)
    frame = read_manifest(manifest)
    manifest.unlink()
    for part in ("train", "val", "test"):
        own = frame[frame["split"] == part].drop(columns=["split", "path"])
        own.to_csv(tmp_path / "set" / f"{part}.csv", index=False)
    chain(FormatStudyParams(tmp_path / "set", tmp_path / "study"))
    made = read_manifest(tmp_path / "study" / "none" / "data" / "manifest.csv")
    assert sorted(zip(made["path"], made["split"])) == sorted(zip(frame["path"], frame["split"]))


def test_no_image_changes_its_split(study):
    folder, _ = study
    before = pd.read_parquet(folder / "none" / "features.parquet")
    split = dict(zip(before["record_id"], before["split"]))
    for name in ("ai-jpeg", "both-jpeg", "matched"):
        after, known = pd.read_parquet(folder / name / "features.parquet"), originals(folder, name)
        assert len(after) == 60
        assert [split[known[r]] for r in after["record_id"]] == after["split"].tolist()


def test_the_container_separates_unmatched_images_and_not_matched_ones(study):
    folder, result = study
    content = json.loads((folder / "treatment_study.json").read_text())
    assert [t["treatment"] for t in content["treatments"]] == ["none", "ai-jpeg", "both-jpeg", "matched"]
    first, last = content["treatments"][0], content["treatments"][-1]
    assert first["probes"]["container"]["balanced_accuracy"]["value"] == 1 and first["perfect_separators"] > 0
    assert last["probes"]["container"]["balanced_accuracy"]["value"] < 0.75 and last["perfect_separators"] == 0
    assert (
        "reaches a balanced accuracy of 100 %" in content["sentences"][0]
        and "both cropped and saved identically" in content["sentences"][0]
    )
    assert "crossed" not in first["models"]["model_b_all"] and "crossed" in last["models"]["model_b_all"]
    assert "both cropped and saved identically" in result["table_text"]
    page = (folder / "treatment_study.md").read_text()
    assert page.startswith("# How much does the file format leak?") and "| container alone |" in page


def test_figures_are_those_of_the_same_scores_counted_elsewhere(study):
    folder, _ = study
    content = json.loads((folder / "treatment_study.json").read_text())
    last = content["treatments"][-1]["models"]["model_b_all"]
    strange, own = cross_evaluated(folder, "matched", "model_b_all"), trained(folder, "none", "model_b_all")
    label, p = strange.rows["label"], strange.rows["probability"]
    assert last["crossed"]["n"] == len(label) == 20
    called = p >= strange.threshold
    by_hand = ((called & (label == 1)).sum() / (label == 1).sum() + (~called & (label == 0)).sum() / (label == 0).sum()) / 2  # fmt: skip
    assert last["crossed"]["balanced_accuracy"]["value"] == pytest.approx(by_hand)
    before = summary(own.rows["label"], own.rows["probability"], own.threshold)["balanced_accuracy"]["value"]
    assert last["crossed_difference"]["balanced_accuracy"]["value"] == pytest.approx(by_hand - before)
    assert set(strange.rows["original"]) == set(own.rows["original"])


def test_the_unmatched_model_on_unmatched_images_is_itself(study):
    folder, _ = study
    for model in ("model_b_all", "model_b_content_only"):
        first, again = trained(folder, "none", model), cross_evaluated(folder, "none", model)
        both = first.rows.merge(again.rows, on="original")
        assert len(both) == 20 and np.allclose(both["probability_x"], both["probability_y"], atol=1e-6)
        assert difference(first, again)["auc"]["value"] == pytest.approx(0, abs=1e-9)


def test_the_table_holds_every_figure_and_difference(study):
    folder, _ = study
    table = pd.read_csv(folder / "treatment_study.csv")
    row = table[
        (table["treatment"] == "matched") & (table["what"] == "model_b_all crossed") & (table["figure"] == "auc")
    ]
    assert len(row) == 1 and np.isfinite(row["difference"].iloc[0])
    assert set(table["treatment"]) == {"none", "ai-jpeg", "both-jpeg", "matched"}
    assert (table["what"] == "probe container").sum() == 8


def test_only_an_interval_that_excludes_nought_is_called_a_loss():
    meaning = format_matching_study._interpretation
    assert meaning({"low": -0.3, "high": -0.1}, ": lost") == ": lost"
    assert "not statistically significant" in meaning({"low": -0.3, "high": 0.1}, ": lost")
    assert meaning({"low": None, "high": None}, ": lost") == ""


def test_an_incomplete_experiment_is_reported(study, tmp_path):
    with pytest.raises(InputError, match="not complete"):
        write_report(FormatStudyReportParams(tmp_path, "none,matched"))
    assert all(Path(p).name for p in kind_named("treatment-report").inputs(FormatStudyReportParams(study[0])))


def test_model_a_is_read_from_its_own_predictions_and_paired_by_original(tmp_path):
    label = np.tile([0, 1], 10)
    table = pd.DataFrame({"label": label, "group": [f"g{i}" for i in range(20)]})
    own = table.assign(sha256=[f"{i:064x}" for i in range(20)], calibrated=np.where(label == 1, 0.9, 0.1))
    strange = table.assign(sha256=[f"{i + 100:064x}" for i in range(20)], calibrated=np.where(label == 1, 0.4, 0.1))
    files = {"none/model_a/predictions_test": own, "matched/crossed_model_a/predictions_clean": strange}
    for name, rows in files.items():
        (tmp_path / name).parent.mkdir(parents=True)
        rows.sample(frac=1, random_state=1).to_parquet(tmp_path / f"{name}.parquet")
    (tmp_path / "none/model_a/thresholds.json").write_text(json.dumps({"thresholds": {"balanced": 0.5}}))
    data = tmp_path / "matched" / "data"
    data.mkdir()
    paths = [f"images/{i}.jpg" for i in range(20)]
    pd.DataFrame({"filepath": paths, "sha256": strange["sha256"]}).to_csv(data / "manifest.csv")
    pd.DataFrame({"filepath": paths, "original_sha256": own["sha256"]}).to_csv(data / "treatment_images.csv")
    before, after = trained(tmp_path, "none", "model_a"), cross_evaluated(tmp_path, "matched", "model_a")
    assert before.metrics()["balanced_accuracy"]["value"] == 1 and after.metrics()["balanced_accuracy"]["value"] == 0.5
    found = difference(after, before)
    assert found["n"] == 20 and found["balanced_accuracy"]["value"] == -0.5 and found["auc"]["value"] == 0

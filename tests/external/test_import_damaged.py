"""Scores of damaged images in an imported table give the same robustness files as our own runs; bad rows are named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from cgid.data.manifest import write_manifest
from cgid.errors import InputError
from cgid.external.import_predictions import import_predictions
from cgid.external.params import ImportPredictionsParams
from cgid.files import read_json
from cgid.progress import silent
from cgid.runs.robustness_file import read_robustness


@pytest.fixture
def made(tmp_path):
    """(folder, scores of 120 images as they are): the test split is the second half."""
    random = np.random.default_rng(0)
    label = np.tile(["real", "ai"], 60)
    rows = pd.DataFrame({"filepath": [f"{i}.png" for i in range(120)], "label": label, "source": "s", "generator": ""})
    rows["split"], rows["group"] = np.repeat(["val", "test"], 60), [f"g{i // 2}" for i in range(120)]
    rows["sha256"] = [f"{i:064x}" for i in range(120)]
    write_manifest(rows, tmp_path / "m.csv")
    score = 1 / (1 + np.exp(-(random.normal(size=120) + 1.5 * (label == "ai"))))
    return tmp_path, pd.DataFrame({"filepath": rows["filepath"], "score": score})


def run(made, *more: pd.DataFrame):
    folder, clean = made
    pd.concat([clean, *more], ignore_index=True).to_csv(folder / "scores.csv", index=False)
    return import_predictions(ImportPredictionsParams(folder / "scores.csv", folder / "m.csv", folder / "run"), silent)


def weaker(clean: pd.DataFrame, seed: int, **columns) -> pd.DataFrame:
    noise = np.random.default_rng(seed).uniform(size=len(clean))
    return clean.assign(score=(clean["score"] + noise) / 2, **columns).sample(frac=1, random_state=seed)


def test_each_tier_and_level_is_judged_on_the_same_test_images(made):
    folder, clean = made
    jpeg30, jpeg80 = weaker(clean, 1, degradation="JPEG", level=30), weaker(clean, 2, degradation="jpeg", level="80.0")
    web = weaker(clean, 3, tier="web")
    run(made, jpeg30, web, jpeg80)
    manifest = read_json(folder / "run" / "run_manifest.json")
    content = read_robustness(folder / "run", manifest)
    points = content["points"]
    assert [p["title"] for p in points[2:]] == ["JPEG quality 80", "JPEG quality 30"]  # from mild to severe
    assert [p["tier"] for p in points] == ["clean", "web", "", ""]
    label = np.tile([0, 1], 30)
    for point, table in zip(points, (clean, web, jpeg80, jpeg30)):
        test = table.set_index("filepath").loc[[f"{i}.png" for i in range(60, 120)], "score"]
        assert point["auc"]["value"] == pytest.approx(roc_auc_score(label, test), abs=1e-9)
        assert point["n"] == 60 and point["groups"] == 30
    table = pd.read_csv(folder / "run" / "exports" / "robustness.csv")
    assert table["n"].tolist() == [60] * 4
    assert points[0]["auc"]["value"] == pytest.approx(manifest["metrics"]["test"]["auc"]["value"], abs=1e-12)
    assert "JPEG recompression" in " ".join(content["sentences"])


def test_only_images_scored_at_every_level_count_and_the_rest_is_listed(made):
    folder, clean = made
    run(made, weaker(clean, 1, degradation="blur", level=1), weaker(clean[:100], 2, degradation="blur", level=2))
    content = read_json(folder / "run" / "robustness" / "robustness.json")
    assert [p["n"] for p in content["points"]] == [40] * 3 and content["n_skipped"] == 20


def test_an_import_without_damage_leaves_no_robustness_of_an_earlier_one(made):
    folder, clean = made
    run(made, weaker(clean, 1, tier="hard"))
    assert (folder / "run" / "robustness" / "robustness.json").is_file()
    run(made)
    assert not (folder / "run" / "robustness").exists()


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"degradation": "webp", "level": 5}, r"row 121: degradation `webp` is not one of jpeg, resize, blur, noise"),
        ({"degradation": "jpeg", "level": "much"}, "row 121: level `much` of jpeg is not a number from 1 to 100"),
        ({"degradation": "jpeg"}, "level `` of jpeg"),
        ({"degradation": "resize", "level": 50}, r"from 0\.01 to 1"),
        ({"level": 50}, "level `50.*` without a degradation"),
        ({"tier": "foggy"}, "tier `foggy` is not one of clean, web, hard"),
        ({"tier": "web", "degradation": "jpeg", "level": 5}, "both a tier and a degradation"),
    ],
)
def test_damage_that_cannot_be_understood_is_one_sentence_with_its_row(made, columns, words):
    folder, clean = made
    with pytest.raises(InputError, match=words):
        run(made, weaker(clean, 1, **columns).sort_index())
    assert not (folder / "run" / "run_manifest.json").exists()


def test_rows_keep_their_numbers_and_levels_without_test_images_are_told(made):
    _, clean = made
    twice = weaker(clean, 1, tier="web").sort_index()
    with pytest.raises(InputError, match=r"rows 121 and 241 give .* two different scores"):
        run(made, twice, twice.head(1).assign(score=0.123))
    with pytest.raises(InputError, match="no image of the test split both"):
        run(made, weaker(clean[:60], 1, tier="web"))

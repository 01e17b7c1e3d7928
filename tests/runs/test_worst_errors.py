"""`cgid runs worst-errors` writes a gallery that outlives the images, and says why there are no maps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from cgid.cli import main
from cgid.errors import InputError
from cgid.files import read_json, sha256_of, write_json
from cgid.progress import silent
from cgid.runs.params import WorstErrorsParams
from cgid.runs.worst_errors import CHANGED, worst_errors
from planted_network import planted_run


@pytest.fixture
def run(tmp_path):
    """Eight pictures of 40 x 60, bright in the upper left corner, to which the network gives a high logit."""
    weight = np.zeros((16, 16))
    weight[:4, :4] = 1
    folder = planted_run(tmp_path / "runs" / "planted", weight, bias=-6.0)
    rows = []
    for i in range(8):
        picture = np.full((40, 60, 3), 20 + i, np.uint8)
        picture[:10, :15] = 250 - i
        path = tmp_path / f"{i}.png"
        Image.fromarray(picture).save(path)
        rows.append({"filepath": str(path), "sha256": sha256_of(path), "label": int(i > 5), "group": str(i)})
    table = pd.DataFrame(rows).assign(source="made", generator="", logit=np.linspace(9, 8, 8))
    table["probability"] = table["calibrated"] = 1 / (1 + np.exp(-table["logit"]))
    table.to_parquet(folder / "predictions_test.parquet")
    return folder


def judge(folder, **given):
    worst_errors(WorstErrorsParams(folder, **given), silent)
    return read_json(folder / "errors" / "test" / "errors.json")


def test_the_gallery_holds_the_mistakes_with_pictures_and_maps(run):
    found = judge(run)
    assert [i["filepath"].rsplit("/")[-1] for i in found["images"]] == [f"{i}.png" for i in range(6)]
    assert (found["n_accused"], found["n_real"], found["n_missed"], found["n_ai"]) == (6, 6, 0, 2)
    assert found["threshold"] == 0.5 and found["no_maps"] == ""
    for image in found["images"]:
        assert max(np.unravel_index(np.argmax(image["change"]), (8, 8))) <= 1, "the bright corner"
        for name in (image["picture"], image["map"]):
            with Image.open(run / "errors" / "test" / name) as shown:
                assert max(shown.size) <= 480
    assert found["predictions_sha256"] == sha256_of(run / "predictions_test.parquet")


def test_again_it_is_the_same_and_nothing_of_the_former_gallery_is_left(run):
    first = judge(run, images=4)
    files = sorted(p.name for p in (run / "errors" / "test").iterdir())
    assert judge(run, images=4) == first
    judge(run, images=2)
    left = sorted(p.name for p in (run / "errors" / "test").iterdir())
    assert len(left) < len(files) and set(left) < set(files)


def test_images_that_are_gone_changed_or_no_images_are_listed(run, tmp_path):
    (tmp_path / "0.png").unlink()
    Image.new("RGB", (9, 9)).save(tmp_path / "1.png")
    (tmp_path / "2.png").write_bytes(b"no picture")
    found = judge(run)["images"]
    assert "cannot be read" in found[0]["problem"] and found[1]["problem"] == CHANGED
    assert "not an image" in found[2]["problem"] and not found[2]["map"]
    assert all(i["map"] and not i["problem"] for i in found[3:])


@pytest.mark.parametrize("missing", ["model.onnx", "thresholds.json"])
def test_what_a_run_lacks_is_said_and_the_gallery_stands(run, missing):
    (run / missing).unlink()
    found = judge(run)
    assert len(found["images"]) == 6 and all(i["picture"] for i in found["images"])
    said = found["no_maps"] if missing == "model.onnx" else found["note"]
    assert ("export-onnx" in said) if missing == "model.onnx" else ("0.5 is used instead" in said)


def test_imported_scores_have_a_gallery_without_maps(run):
    about = read_json(run / "run_manifest.json")
    about = {k: v for k, v in about.items() if k != "onnx"} | {"imported": True}
    write_json(run / "run_manifest.json", about)
    (run / "model.onnx").unlink()
    found = judge(run)
    assert "imported scores" in found["no_maps"] and not any(i["map"] for i in found["images"])


def test_no_mistake_is_an_empty_gallery(run):
    table = pd.read_parquet(run / "predictions_test.parquet")
    table[table["label"] == 1].to_parquet(run / "predictions_test.parquet")
    assert judge(run)["images"] == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"split": "val"}, "has no stored predictions of `val`; it has test"),
        ({"split": "../x"}, "has no stored predictions"),
        ({"images": 1}, "--images"),
        ({"grid": 40}, "--grid"),
    ],
)
def test_bad_input_is_one_sentence(run, given, words):
    with pytest.raises(InputError, match=words):
        worst_errors(WorstErrorsParams(run, **given), silent)


def test_a_table_that_cannot_be_read_ends_in_one_line(run, capsys):
    (run / "predictions_test.parquet").write_bytes(b"no table")
    assert main.main(["worst-errors", "--run", str(run)]) == 2
    err = capsys.readouterr().err
    assert "cannot be read" in err and "Traceback" not in err and len(err.strip().splitlines()) == 1

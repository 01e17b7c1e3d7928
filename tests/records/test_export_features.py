"""Records of analysed images become a labelled table; doubt about a label stays a person's to settle."""

import numpy as np
import pandas as pd
import pytest

from cgid.data.label_map import COLUMNS, read_label_map, write_label_map
from cgid.errors import InputError
from cgid.features.table import feature_columns, read_features
from cgid.progress import silent
from cgid.records import store
from cgid.records.export_features import create_label_map, export_features
from cgid.records.params import CreateModelBLabelMapParams, ExportModelBFeaturesParams

A, B, C, D = ("a" * 64, "b" * 64, "c" * 64, "d" * 64)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    monkeypatch.delenv("CGID_DATABASE_URL", raising=False)
    return tmp_path


def analysed(sha256, file, **features):
    check = {"file": file, "sha256": sha256, "verdict": "inconclusive", "probability_ai": 0.5}
    store.record_analysis(check | {"features": features or None})


def exported(home, label_map=None):
    result = export_features(ExportModelBFeaturesParams(home / "out.csv", label_map), silent)
    return result, read_features(home / "out.csv", labelled=label_map is not None)


def mapped(home, *rows):
    path = home / "map.csv"
    write_label_map(dict(zip(COLUMNS, zip(*rows))), path)
    return path


def test_the_newest_record_of_an_image_counts_and_missing_values_stay_missing(home):
    analysed(A, "/x/old.jpg", noise_variance=1.0, ela_mean_error=2.0)
    analysed(A, "/x/new.jpg", noise_variance=3.0, ela_mean_error=None)
    analysed(B, "C:\\pictures\\b.png", noise_variance=5.0)
    analysed(C, "/x/broken.jpg")
    result, table = exported(home)
    assert result["images"] == 2 and result["without_features"] == 1 and "target_label" not in table
    row = table.set_index("record_id").loc[A]
    assert row["filename"] == "new.jpg" and row["noise_variance"] == 3.0 and np.isnan(row["ela_mean_error"])
    assert set(table["filename"]) == {"new.jpg", "b.png"}
    assert {"noise_variance", "ela_mean_error"} <= set(feature_columns(table))


def test_images_of_the_demo_are_exported_as_simulated(home):
    folder = home / "data" / "manifests" / "demo_x"
    folder.mkdir(parents=True)
    (folder / "split.csv").write_text(f"filepath,label,source,generator,split,sha256\na.png,ai,demo_x,,test,{A}\n")
    analysed(A, "a.png", noise_variance=1.0)
    analysed(B, "b.png", noise_variance=1.0)
    _, table = exported(home)
    assert dict(zip(table["filename"], table["source"])) == {"a.png": "demo_records", "b.png": "records"}


def test_the_label_map_gives_the_labels_and_unlabelled_rows_are_counted(home):
    for sha256, name in ((A, "a.jpg"), (B, "b.jpg"), (C, "c.jpg")):
        analysed(sha256, name, noise_variance=1.0)
    path = mapped(
        home, (A, "a.jpg", "real", "AI", "", ""), ("", "b.jpg", "", "real", "", ""), (C, "c.jpg", "ai", "", "", "")
    )
    result, table = exported(home, path)
    assert dict(zip(table["filename"], table["target_label"])) == {"a.jpg": 1, "b.jpg": 0}
    assert result["unlabelled"] == 1


def test_nothing_analysed_is_said_with_the_remedy(home):
    with pytest.raises(InputError, match="Check some images first"):
        exported(home)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([(A, "a.jpg", "", "fake", "", "")], "line 2: final_label `fake`"),
        ([(A, "a.jpg", "", "", "", "")], "labels none"),
        ([(A, "a.jpg", "", "ai", "", ""), (A, "a.jpg", "", "real", "", "")], "both real and ai"),
    ],
)
def test_a_label_map_that_cannot_be_meant_is_refused(home, rows, words):
    analysed(A, "a.jpg", noise_variance=1.0)
    with pytest.raises(InputError, match=words):
        exported(home, mapped(home, *rows))


def manifest(home, name, rows, sha256=True):
    frame = pd.DataFrame(rows, columns=["filepath", "label", "sha256"])
    path = home / name
    (frame if sha256 else frame.drop(columns="sha256")).to_csv(path, index=False)
    return path


def features(home, *images):
    path = home / "features.csv"
    pd.DataFrame([{"record_id": r, "filename": f, "noise_variance": 1.0} for r, f in images]).to_csv(path, index=False)
    return path


def labels(home, table, *manifests):
    result = create_label_map(CreateModelBLabelMapParams(table, home / "map.csv", manifests), silent)
    return result, read_label_map(home / "map.csv").set_index("filename")


def test_labels_come_by_content_whatever_the_name(home):
    first = manifest(home, "m.csv", [("x/other.jpg", "ai", A)])
    result, found = labels(home, features(home, (A, "a.jpg")), first)
    assert found.loc["a.jpg", "final_label"] == "ai" and found.loc["a.jpg", "label_source"] == "sha256: m.csv"
    assert result["labelled"] == 1


def test_a_file_name_counts_only_where_it_is_alone_and_its_content_not_known_otherwise(home):
    plain = manifest(
        home, "plain.csv", [("x/a.jpg", "real", ""), ("x/b.jpg", "ai", ""), ("y/b.jpg", "ai", "")], sha256=False
    )
    hashed = manifest(home, "hashed.csv", [("z/c.jpg", "ai", D)])
    _, found = labels(home, features(home, (A, "a.jpg"), (B, "b.jpg"), (C, "c.jpg"), (D[:-1], "d.jpg")), plain, hashed)
    assert found.loc["a.jpg", "final_label"] == "real"
    assert found.loc["b.jpg", "final_label"] == "" and "2 manifest rows" in found.loc["b.jpg", "notes"]
    assert found.loc["c.jpg", "final_label"] == "" and "other content" in found.loc["c.jpg", "notes"]
    assert found.loc["c.jpg", "inferred_label"] == "ai"
    assert found.loc["d.jpg", "final_label"] == "" and "no manifest" in found.loc["d.jpg", "notes"]


def test_manifests_that_contradict_each_other_leave_the_label_blank(home):
    one = manifest(home, "one.csv", [("a.jpg", "ai", A)])
    two = manifest(home, "two.csv", [("a.jpg", "real", A)])
    _, found = labels(home, features(home, (A, "a.jpg")), one, two)
    assert found.loc["a.jpg", "final_label"] == "" and "contradict" in found.loc["a.jpg", "notes"]


def test_what_a_person_decided_survives_making_the_map_again(home):
    table = features(home, (A, "a.jpg"), (B, "b.jpg"))
    source = manifest(home, "m.csv", [("a.jpg", "ai", A)])
    _, found = labels(home, table, source)
    by_hand = found.reset_index()
    by_hand["final_label"] = ["real", "ai"]
    write_label_map(by_hand, home / "map.csv")
    result, found = labels(home, table, source)
    assert found["final_label"].to_dict() == {"a.jpg": "real", "b.jpg": "ai"}
    assert result["kept_from_people"] == 2


def test_exported_records_and_their_map_train_together(home):
    for i in range(4):
        analysed(f"{i:064x}", f"{i}.jpg", noise_variance=float(i))
    exported(home)
    source = manifest(home, "m.csv", [(f"{i}.jpg", "ai" if i % 2 else "real", f"{i:064x}") for i in range(4)])
    labels(home, home / "out.csv", source)
    _, table = exported(home, home / "map.csv")
    assert sorted(table["target_label"]) == [0, 0, 1, 1]

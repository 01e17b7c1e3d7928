"""Feature tables: written and read back, the earlier system's CSV as it is, and clear words for what is wrong."""

import numpy as np
import pandas as pd
import pytest

from cgid.errors import InputError
from cgid.features.table import feature_columns, read_features, write_features


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "record_id": ["12e4", "0077"],
            "filepath": ["/a/x.jpg", "/a/y.jpg"],
            "label": ["real", "ai"],
            "target_label": [0, 1],
            "group": ["7", "8"],
            "width": [640, 480],
            "noise_variance": [1.5, np.nan],
            "ela_missing": [0.0, 1.0],
        }
    )


@pytest.mark.parametrize("name", ["f.parquet", "f.csv"])
def test_it_comes_back_as_it_was_written(tmp_path, name):
    write_features(frame(), tmp_path / name)
    found = read_features(tmp_path / name)
    pd.testing.assert_frame_equal(found, frame(), check_dtype=False)
    assert feature_columns(found) == ["noise_variance", "ela_missing"]


def test_the_earlier_systems_csv_is_read_as_it_is(tmp_path):
    (tmp_path / "old.csv").write_text(
        "filename,rule_forensic_score,c2pa_present,hashes_match,watermark_detected,target_label\n"
        "a.jpg,0.25,True,,False,1\nb.png,0.5,False,True,False,0\n"
    )
    found = read_features(tmp_path / "old.csv")
    assert list(found["target_label"]) == [1, 0]
    assert feature_columns(found) == ["rule_forensic_score", "c2pa_present", "hashes_match", "watermark_detected"]
    assert list(found["c2pa_present"]) == [1, 0]
    assert np.isnan(found["hashes_match"][0]) and found["hashes_match"][1] == 1


@pytest.mark.parametrize("values", ["real,ai", "REAL,Ai", "0,1", "0.0,1.0"])
def test_labels_are_read_in_any_of_their_spellings(tmp_path, values):
    first, second = values.split(",")
    (tmp_path / "f.csv").write_text(f"filename,label,x_y\na,{first},1\nb,{second},2\n")
    assert list(read_features(tmp_path / "f.csv")["target_label"]) == [0, 1]


def test_a_table_without_labels_is_read_where_none_are_needed(tmp_path):
    (tmp_path / "f.csv").write_text("filename,x_y\na,1\n")
    assert "target_label" not in read_features(tmp_path / "f.csv", labelled=False)
    with pytest.raises(InputError, match="no column `target_label` or `label`"):
        read_features(tmp_path / "f.csv")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("bad.csv", "filename,label,x_y\na,real,1\nb,fake1,2\n", "row 2: label `fake1` is not one of real, ai"),
        ("none.csv", "filename,label\na,real\n", "no numeric feature column"),
        ("empty.csv", "", "cannot be read as a feature table"),
        ("noise.parquet", "this is no parquet", "cannot be read as a feature table"),
    ],
)
def test_what_is_wrong_is_one_clear_line(tmp_path, name, content, words):
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=words) as caught:
        read_features(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_missing_table_says_how_to_make_one(tmp_path):
    with pytest.raises(InputError, match="cgid features extract"):
        read_features(tmp_path / "gone.parquet")

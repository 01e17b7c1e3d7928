"""Single columns of a feature table: Parquet and CSV alike, whatever words and gaps they hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cgid.errors import InputError
from cgid.features.table_columns import AI, REAL, UNLABELLED, open_table


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "filepath": ["a.jpg", "b.jpg", "c.jpg"],
            "label": ["real", "ai", "ai"],
            "generator": ["cam", None, "sim"],
            "width": [8, 8, 8],
            "noise_sigma": [1.5, np.nan, np.inf],
            "c2pa_present": [0, 1, 0],
            "ela_flag": [True, False, True],
            "remark": ["x", "y", "z"],
        }
    )


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_columns_are_read_one_by_one(frame, tmp_path, kind):
    path = tmp_path / f"features.{kind}"
    frame.to_parquet(path) if kind == "parquet" else frame.to_csv(path, index=False)
    table = open_table(path)
    assert table.rows == 3 and table.features == ("noise_sigma", "c2pa_present", "ela_flag")
    assert np.array_equal(table.values("noise_sigma"), [1.5, np.nan, np.nan], equal_nan=True)
    assert table.values("ela_flag").tolist() == [1, 0, 1]
    assert [(n, v.tolist()) for n, v in table.blocks(["c2pa_present"])] == [("c2pa_present", [0, 1, 0])]
    assert table.labels().tolist() == [REAL, AI, AI]
    words = table.categories("generator")
    assert [words.names[c] for c in words.codes] == ["cam", "", "sim"]
    assert table.texts("filepath", np.array([2, 0])) == ["c.jpg", "a.jpg"]


def test_a_table_without_labels_or_words_is_read_too(frame, tmp_path):
    frame[["noise_sigma"]].to_parquet(tmp_path / "f.parquet")
    table = open_table(tmp_path / "f.parquet")
    assert table.labels().tolist() == [UNLABELLED] * 3
    assert table.categories("source").names == ("",) and table.texts("filepath", np.array([1])) == [""]


def test_blocks_of_many_columns_come_in_the_order_asked(tmp_path):
    frame = pd.DataFrame({f"noise_{i}": [float(i)] for i in range(120)})
    frame.to_parquet(tmp_path / "f.parquet")
    table = open_table(tmp_path / "f.parquet")
    assert [(n, v[0]) for n, v in table.blocks(table.features)] == [(f"noise_{i}", i) for i in range(120)]


@pytest.mark.parametrize("content", [b"", b"PAR1nonsensePAR1", b"not a table"])
def test_a_damaged_table_is_one_sentence(tmp_path, content):
    path = tmp_path / "features.parquet"
    path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be read as a feature table"):
        open_table(path)


def test_a_table_without_features_and_one_that_is_not_there(frame, tmp_path):
    frame[["filepath", "width"]].to_parquet(tmp_path / "f.parquet")
    with pytest.raises(InputError, match="no numeric feature"):
        open_table(tmp_path / "f.parquet")
    with pytest.raises(InputError, match="cannot be read"):
        open_table(tmp_path / "gone.parquet")

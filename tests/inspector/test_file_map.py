"""The map of a file's bytes: to scale each part is as wide as it is long; evened, order and nesting stay."""

from __future__ import annotations

import pandas as pd
import pytest

from cgid.charts import file_map
from cgid.fileformat.node import KINDS


def parts() -> pd.DataFrame:
    rows = [
        ("SOI", "header", 1, 0, 2),
        ("APP1", "metadata", 1, 2, 98),
        ("IFD0", "metadata", 2, 12, 50),
        ("scan", "picture", 1, 100, 900),
    ]
    return pd.DataFrame(
        [(n, "what", k, d, at, size) for n, k, d, at, size in rows],
        columns=["name", "what", "kind", "level", "at", "length"],
    )


@pytest.mark.parametrize("even", [True, False])
def test_parts_lie_in_order_within_their_parents(even: bool) -> None:
    rows = file_map.file_map(parts(), KINDS, even).layer[0].data.set_index("name")
    assert rows.loc["SOI", "left"] == 0 and rows.loc["scan", "right"] == pytest.approx(1)
    assert rows.loc["SOI", "right"] == pytest.approx(rows.loc["APP1", "left"])
    assert rows.loc["APP1", "left"] < rows.loc["IFD0", "left"] < rows.loc["IFD0", "right"] < rows.loc["APP1", "right"]
    width = (rows["right"] - rows["left"]).to_dict()
    if even:
        assert width["APP1"] / width["scan"] == pytest.approx(6.629 / 9.815, rel=1e-3)  # log2(99) / log2(901)
    else:
        assert width["scan"] == pytest.approx(0.9) and width["IFD0"] == pytest.approx(0.05)


def test_every_kind_has_a_colour() -> None:
    assert set(file_map.COLOURS) == set(KINDS)
    file_map.file_map(parts(), KINDS, True).to_dict()

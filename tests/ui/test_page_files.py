"""Pages show a file anew once it was written anew."""

from __future__ import annotations

import pandas as pd
from PIL import Image

from cgid.files import write_json
from cgid.ui.shared import load


def test_what_was_written_again_is_shown_anew(tmp_path):
    pictures = []
    for value in (1, 22):
        write_json(tmp_path / "a.json", {"a": value})
        pd.DataFrame({"a": [value] * value}).to_csv(tmp_path / "a.csv", index=False)
        Image.new("RGB", (8, 8 * value)).save(tmp_path / "a.png")
        assert load.document(tmp_path / "a.json") == {"a": value}
        assert load.table(tmp_path / "a.csv")["a"].tolist() == [value] * value
        pictures.append(load.thumbnail(tmp_path / "a.png"))
    assert None not in pictures and pictures[0] != pictures[1]

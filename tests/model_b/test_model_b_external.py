"""Model B is judged on other data sets apart, and learns nothing from them."""

import numpy as np

from model_b_cases import coefficients, groups, run, table  # noqa: F401


def test_external_rows_are_reported_apart(tmp_path):
    frame = table()
    outside = frame["split"].eq("test") & (np.arange(len(frame)) % 40 < 20)
    frame.loc[outside, ["split", "source"]] = ["external", "else where"]
    done = run(tmp_path, frame)
    (block,) = done.manifest["metrics"]["external"]
    assert block["name"] == "else_where" and block["n"] == int(outside.sum())
    assert (done.folder / "predictions_external_else_where.parquet").is_file()
    assert done.manifest["simulated"] is True  # by what it learned from


def test_another_table_is_judged_apart_and_teaches_nothing(tmp_path):
    mine, other = table(), table(seed=9)
    other["record_id"] = [f"{i + 1000:064x}" for i in range(len(other))]
    other.loc[:9, "record_id"] = mine["record_id"].iloc[:10].to_numpy()  # ten images stand in both
    path = tmp_path / "elsewhere" / "features.parquet"
    path.parent.mkdir()
    other.to_parquet(path)
    alone = run(tmp_path, mine, "alone")
    judged = run(tmp_path, mine, "judged", external_features=(path,))
    [elsewhere] = judged.manifest["metrics"]["external"]
    assert (elsewhere["name"], elsewhere["n"]) == ("elsewhere", len(other) - 10)
    assert any("10 images" in w for w in judged.manifest["warnings"])
    assert coefficients(judged.folder).equals(coefficients(alone.folder))
    assert (judged.folder / "predictions_external_elsewhere.parquet").is_file()

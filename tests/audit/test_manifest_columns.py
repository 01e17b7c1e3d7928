"""The audit finds near-duplicates across splits by what the cleaned manifest knows, and shows the pairs."""

import numpy as np
import pandas as pd
import pytest

from cgid.audit.manifest_columns import with_origins
from cgid.audit.params import AuditParams
from cgid.audit.run import audit
from cgid.errors import InputError
from cgid.files import read_json
from cgid.settings import settings


def tables(tmp_path, n=80):
    random = np.random.default_rng(0)
    content = [f"{i:064x}" for i in range(n)]
    features = pd.DataFrame(
        {
            "record_id": content,
            "filepath": [f"/pictures/{i}.jpg" for i in range(n)],
            "label": np.where(np.arange(n) % 2, "ai", "real"),
            "split": np.where(np.arange(n) % 4 < 2, "train", "test"),
            "source": "camera",
            "noise_a": random.normal(size=n),
            "container_format_code": 0.0,
        }
    )
    features.to_parquet(tmp_path / "f.parquet")
    hashes = [int(h) << 8 for h in random.integers(2**40, 2**55, n)]
    hashes[6] = hashes[0] ^ 0b10110  # row 0 is train, row 6 is test: three bits apart
    groups = [""] * n
    groups[0] = groups[6] = "nd-x"
    groups[8] = groups[9] = "nd-within-train"
    manifest = pd.DataFrame(
        {"sha256": content[::-1], "phash": [f"{h:016x}" for h in hashes][::-1], "near_duplicate_group": groups[::-1]}
    )
    return features, manifest


def check(tmp_path, **kwargs) -> dict:
    audit(AuditParams(tmp_path / "f.parquet", tmp_path / "out", bootstrap=0, **kwargs))
    summary = read_json(tmp_path / "out" / "feature_leakage_summary.json")
    return next(c for c in summary["dataset_checks"] if c["code"] == "near_duplicates_across_splits")


def test_the_pair_across_splits_is_shown_with_its_distance(tmp_path):
    _, manifest = tables(tmp_path)
    manifest.to_csv(tmp_path / "m.csv", index=False)
    found = check(tmp_path, manifest=tmp_path / "m.csv")
    assert found["result"] == "issue"
    assert found["finding"] == "1 cluster of near-duplicates spans more than one split. Clusters with both a real photo and an AI image: 1."  # fmt: skip
    (pair,) = found["details"]["pairs"]
    assert pair == {
        "distance": 3,
        "first": "/pictures/0.jpg",
        "first_split": "train",
        "first_label": "real",
        "second": "/pictures/6.jpg",
        "second_split": "test",
        "second_label": "real",
    }
    page = (tmp_path / "out" / "feature_leakage_report.html").read_text()
    assert "Near-duplicates across splits" in page and "/pictures/6.jpg" in page


def test_the_homes_own_manifest_is_found_by_content(tmp_path):
    _, manifest = tables(tmp_path)
    folder = settings().manifests
    for name, table in {"other": manifest.assign(sha256="0" * 63 + "z"), "mine": manifest}.items():
        (folder / name).mkdir(parents=True)
        table.to_csv(folder / name / "manifest.cleaned.csv", index=False)
    (folder / "broken").mkdir()
    (folder / "broken" / "split.csv").write_bytes(b"\xff\xfe\x00\n")
    assert check(tmp_path)["result"] == "issue"


def test_without_a_manifest_it_is_not_applicable_and_says_what_to_do(tmp_path):
    tables(tmp_path)
    found = check(tmp_path)
    assert found["result"] == "not_applicable" and "--manifest" in found["finding"]


def test_a_table_with_hashes_of_its_own_needs_no_manifest(tmp_path):
    features, manifest = tables(tmp_path)
    features["phash"] = manifest["phash"].to_numpy()[::-1]
    features.loc[3, "phash"] = "no hash"
    known, where = with_origins(features)
    assert where is None
    groups = known["near_duplicate_group"]
    assert groups[0] == groups[6] != "" and (groups != "").sum() == 2
    assert set(known["format"]) == {"JPEG"}


@pytest.mark.parametrize(
    ("text", "words"), [("filepath,label\na,real\n", "no column `sha256`"), ("", "cannot be read")]
)
def test_a_named_manifest_that_is_none_is_one_clear_line(tmp_path, text, words):
    tables(tmp_path)
    (tmp_path / "m.csv").write_text(text)
    with pytest.raises(InputError, match=words) as caught:
        check(tmp_path, manifest=tmp_path / "m.csv")
    assert "\n" not in str(caught.value)


def test_sources_on_both_sides_of_the_split(tmp_path):
    def look(source) -> dict:
        features, _ = tables(tmp_path)
        features.assign(source=source).to_parquet(tmp_path / "f.parquet")
        audit(AuditParams(tmp_path / "f.parquet", tmp_path / "out", bootstrap=0))
        checks = read_json(tmp_path / "out" / "feature_leakage_summary.json")["dataset_checks"]
        return next(c for c in checks if c["code"] == "source_across_splits")

    label, split = np.arange(80) % 2, np.arange(80) % 4 < 2
    assert look("camera")["result"] == "passed"
    assert look(np.where(label, "generator", "camera"))["result"] == "warning"
    unseen = look(np.where(split, "a", "b"))
    assert unseen["result"] == "passed" and unseen["finding"] == "Train and test share no source."

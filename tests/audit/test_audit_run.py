"""The audit step: three files, the verdict first, simulated data called simulated."""

import numpy as np
import pandas as pd
import pytest

from cgid.audit.params import AuditParams
from cgid.audit.run import audit
from cgid.errors import InputError
from cgid.files import read_json


def write_table(path, leaky: bool, source: str = "demo_leaky", n: int = 200):
    random = np.random.default_rng(0)
    label = np.arange(n) // 2 % 2
    frame = pd.DataFrame(
        {
            "record_id": [f"{i:064x}" for i in range(n)],
            "filename": [f"{i}.{'png' if leaky and y else 'jpg'}" for i, y in enumerate(label)],
            "label": np.where(label == 1, "ai", "real"),
            "source": source,
            "group": [f"photo-{i // 2}" for i in range(n)],
            "container_bytes": random.integers(1000, 3000, n).astype(float),
            "container_is_png": label * float(leaky),
            "noise_variance": random.normal(size=n),
            "jpeg_legacy_column": random.normal(size=n),
            "oddity": random.normal(size=n),
        }
    )
    frame.to_csv(path, index=False) if path.suffix == ".csv" else frame.to_parquet(path)
    return path


def test_writes_the_contracts_files_and_says_what_leaks(tmp_path):
    table = write_table(tmp_path / "features.parquet", leaky=True)
    result = audit(AuditParams(table, tmp_path / "out", bootstrap=50))
    names = {"feature_leakage_report.csv", "feature_leakage_summary.json", "feature_leakage_report.md"}
    names.add("feature_leakage_report.html")
    assert {p.name for p in (tmp_path / "out").iterdir()} == names
    summary = read_json(tmp_path / "out" / "feature_leakage_summary.json")
    assert summary["perfect_separators"] == ["container_is_png"]
    assert summary["extension_counts"] == {"jpg": {"real": 100, "ai": 0}, "png": {"real": 0, "ai": 100}}
    assert summary["input"]["sha256"] and summary["versions"]["cgid"]
    report = pd.read_csv(tmp_path / "out" / "feature_leakage_report.csv").set_index("feature")
    assert report.loc["container_is_png", "severity"] == "issue"
    assert report.loc["jpeg_legacy_column", "family"] == "container"
    assert report.loc["oddity", "family"] == "unknown"
    assert "container_is_png" in result["summary"]


def test_the_report_begins_with_the_verdict_and_names_simulated_data(tmp_path):
    table = write_table(tmp_path / "features.csv", leaky=True)
    audit(AuditParams(table, tmp_path, bootstrap=0))
    lines = [line for line in (tmp_path / "feature_leakage_report.md").read_text().splitlines() if line]
    assert lines[0] == "# Leakage audit"
    assert lines[1].startswith("**The label leaks")
    assert "Simulated data" in lines[2]
    assert any(line.startswith("A gate of 0.60 would refuse this data: container 1.00") for line in lines)
    assert "| file extension | png | 0 | 100 |" in lines


def test_a_matched_set_names_no_perfect_separator(tmp_path):
    table = write_table(tmp_path / "features.parquet", leaky=False, source="camera")
    result = audit(AuditParams(table, tmp_path, bootstrap=50))
    assert result["perfect_separator_count"] == 0
    assert "Simulated" not in (tmp_path / "feature_leakage_report.md").read_text()


def test_a_hostile_name_cannot_break_the_page(tmp_path):
    table = write_table(tmp_path / "features.parquet", leaky=True)
    frame = pd.read_parquet(table).rename(columns={"container_is_png": "container_a|b\n# c"})
    frame.to_parquet(table)
    audit(AuditParams(table, tmp_path, bootstrap=0))
    text = (tmp_path / "feature_leakage_report.md").read_text()
    assert "container_a\\|b" in text
    assert not any(line.startswith("# c") for line in text.splitlines())


def test_a_missing_table_is_one_clear_line(tmp_path):
    with pytest.raises(InputError, match="no feature table"):
        audit(AuditParams(tmp_path / "none.parquet", tmp_path))

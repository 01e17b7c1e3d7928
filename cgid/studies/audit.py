"""Audits a feature table for leakage and writes what it found: a table, a summary and a report for people."""

from __future__ import annotations

from typing import Any

from cgid import __version__
from cgid.files import atomic, sha256_of, write_json, write_text
from cgid.report import Report, silent
from cgid.studies.params import AuditParams

REPORT = "feature_leakage_report.csv"
SUMMARY = "feature_leakage_summary.json"
WORDS = "feature_leakage_report.md"
HTML = "feature_leakage_report.html"


def audit(params: AuditParams, report: Report = silent) -> dict[str, Any]:
    """Write REPORT, WORDS, HTML and, last, SUMMARY into `output_dir`. Raises InputError where the table cannot be read."""
    from cgid.evaluate import leakage
    from cgid.features.owners import families, simulated
    from cgid.features.table import feature_columns, read_features
    from cgid.features.table_notes import infinite_cells
    from cgid.studies.audit_html import page
    from cgid.studies.audit_origins import with_origins
    from cgid.studies.audit_words import words

    report(0, 0, "reading the table")
    notes: list[str] = []
    frame = read_features(params.features_csv, notes=notes)
    columns = feature_columns(frame)
    notes += infinite_cells(frame, columns)
    known, manifest = with_origins(frame, params.manifest)
    found = leakage.audit(known, columns, families(columns), params.bootstrap, params.seed, report, notes)
    summary = found.summary | {
        "simulated": simulated(frame),
        "input": {
            "path": str(params.features_csv),
            "sha256": sha256_of(params.features_csv),
            "manifest": None if manifest is None else str(manifest),
            "bootstrap": params.bootstrap,
            "seed": params.seed,
        },
        "versions": _versions(),
        "findings": found.findings,
    }
    with atomic(params.output_dir / REPORT) as temporary:
        found.report.to_csv(temporary, index=False, encoding="utf-8")
    write_text(params.output_dir / WORDS, words(found.report, summary))
    write_text(params.output_dir / HTML, page(found.report, summary))
    write_json(params.output_dir / SUMMARY, summary)
    counts = ("total_rows", "perfect_separator_count", "near_perfect_count", "zero_variance_count")
    return {
        "summary": ("Simulated data. " if summary["simulated"] else "") + summary["verdict"],
        "output_dir": str(params.output_dir),
        **{k: summary[k] for k in counts},
        "perfect_separators": summary["perfect_separators"],
    }


def _versions() -> dict[str, str]:
    import numpy
    import pandas
    import sklearn

    return {
        "cgid": __version__,
        "numpy": numpy.__version__,
        "pandas": pandas.__version__,
        "scikit-learn": sklearn.__version__,
    }

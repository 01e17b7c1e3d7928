"""Audit a feature table for leakage; write a table, a summary and human-readable reports."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cgid import __version__
from cgid.artifacts import LEAKAGE_HTML, LEAKAGE_MARKDOWN, LEAKAGE_REPORT, LEAKAGE_SUMMARY
from cgid.audit.params import AuditParams
from cgid.files import atomic, sha256_of, write_json, write_text
from cgid.progress import Progress, silent

if TYPE_CHECKING:
    import pandas as pd

    from cgid.audit import leakage


def audit(params: AuditParams, progress: Progress = silent) -> dict[str, Any]:
    """Write LEAKAGE_REPORT, LEAKAGE_MARKDOWN, LEAKAGE_HTML and, last, LEAKAGE_SUMMARY into `output_dir`.

    Raises InputError where the table cannot be read.
    """
    from cgid.audit.manifest_columns import with_origins
    from cgid.audit.report_html import page
    from cgid.audit.report_markdown import markdown
    from cgid.features.table import read_features

    progress(0, 0, "reading the table")
    notes: list[str] = []
    frame = read_features(params.features_csv, notes=notes)
    known, manifest = with_origins(frame, params.manifest)
    result = audit_frame(known, params.bootstrap, params.seed, notes, progress)
    summary = result.summary | {
        "input": {
            "path": str(params.features_csv),
            "sha256": sha256_of(params.features_csv),
            "manifest": None if manifest is None else str(manifest),
            "bootstrap": params.bootstrap,
            "seed": params.seed,
        },
    }
    with atomic(params.output_dir / LEAKAGE_REPORT) as temporary:
        result.report.to_csv(temporary, index=False, encoding="utf-8")
    write_text(params.output_dir / LEAKAGE_MARKDOWN, markdown(result.report, summary))
    write_text(params.output_dir / LEAKAGE_HTML, page(result.report, summary))
    write_json(params.output_dir / LEAKAGE_SUMMARY, summary)
    counts = ("total_rows", "perfect_separator_count", "near_perfect_count", "zero_variance_count")
    return {
        "summary": ("Simulated data. " if summary["simulated"] else "") + summary["verdict"],
        "output_dir": str(params.output_dir),
        **{k: summary[k] for k in counts},
        "perfect_separators": summary["perfect_separators"],
    }


def audit_frame(
    frame: pd.DataFrame, bootstrap: int, seed: int, notes: list[str], progress: Progress = silent
) -> leakage.Audit:
    """Audit every feature column of a feature table with `target_label` (`features.table.as_features`), and any
    columns on files (`with_origins`). notes: messages on non-numeric cells, from the reader.

    The summary is that of LEAKAGE_SUMMARY without `input`, which the caller adds.
    """
    from cgid.audit import leakage
    from cgid.features.registry import families, is_simulated
    from cgid.features.table import feature_columns, infinite_cell_notes

    columns = feature_columns(frame)
    notes = [*notes, *infinite_cell_notes(frame, columns)]
    result = leakage.audit(frame, columns, families(columns), bootstrap, seed, progress, notes)
    more = {"simulated": is_simulated(frame), "versions": _versions(), "findings": result.findings}
    return replace(result, summary=result.summary | more)


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

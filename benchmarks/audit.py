"""How long an audit takes, against one `np.argsort` of all columns in the same run: python benchmarks/audit.py [--json]"""

from __future__ import annotations

import argparse
import json
import sys
import time

import numpy as np
import pandas as pd

ROWS = (1_000, 10_000, 100_000)
FEATURES = 60


def table(rows: int) -> pd.DataFrame:
    """Random features of all kinds that matter to the audit: continuous, few values, missing for some; groups of two."""
    random = np.random.default_rng(0)
    made = {
        "target_label": random.integers(0, 2, rows),
        "group": np.arange(rows) // 2,
        "filename": [f"{i}.jpg" for i in range(rows)],
    }
    for i in range(FEATURES):
        values = random.normal(size=rows)
        if i % 3 == 1:
            values = np.round(values)
        if i % 6 == 2:
            values[random.random(rows) < 0.1] = np.nan
        made[f"noise_{i}"] = values
    return pd.DataFrame(made)


def main() -> None:
    from cgid.evaluate.leakage import audit

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=ROWS, help="rows of the tables")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    args = parser.parse_args()
    names = [f"noise_{i}" for i in range(FEATURES)]
    audit(table(200), names, dict.fromkeys(names, "content"), bootstrap=10)  # imports are not what is measured
    results = []
    for rows in args.rows:
        frame = table(rows)
        values = frame[names].to_numpy()
        start = time.perf_counter()
        np.argsort(values, axis=0, kind="stable")
        sort = time.perf_counter() - start
        start = time.perf_counter()
        audit(frame, names, dict.fromkeys(names, "content"))
        seconds = time.perf_counter() - start
        results.append(
            {"rows": rows, "features": FEATURES, "argsort_s": sort, "audit_s": seconds, "ratio": seconds / sort}
        )
        if not args.json:
            print(
                f"{rows:>7} rows x {FEATURES}: argsort {sort:.3f} s, audit {seconds:.2f} s, ratio {seconds / sort:.0f}"
            )
    if args.json:
        json.dump(results, sys.stdout, indent=1)


if __name__ == "__main__":
    main()

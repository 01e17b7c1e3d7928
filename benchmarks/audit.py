"""Run time of an audit and how it scales: python benchmarks/audit.py [--rows …] [--features 120] [--draws 0 200]
[--json]

Processor time, the minimum of --repeats, compared with one `np.argsort` of all columns in the same run, a lower bound
for any audit. `grows` is the ratio to the time of the previous table, divided by the growth of n log n.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from math import log

import numpy as np
import pandas as pd

ROWS = (1_000, 10_000, 20_000, 100_000, 1_000_000)


def table(rows: int, features: int) -> pd.DataFrame:
    """Random features of all kinds that matter to the audit: continuous, few values, missing for some; groups of two."""
    random = np.random.default_rng(0)
    frame = {
        "target_label": random.integers(0, 2, rows),
        "group": np.arange(rows) // 2,
        "filename": [f"{i}.jpg" for i in range(rows)],
    }
    for i in range(features):
        values = random.normal(size=rows)
        if i % 3 == 1:
            values = np.round(values)
        if i % 6 == 2:
            values[random.random(rows) < 0.1] = np.nan
        frame[f"noise_{i}"] = values
    return pd.DataFrame(frame)


def seconds(work, repeats: int) -> float:
    """Smallest processor time of the process, all its threads together."""
    taken = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def main() -> None:
    from cgid.audit.leakage import audit

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=ROWS, help="rows of the tables")
    parser.add_argument("--features", type=int, default=120, help="columns of the tables")
    parser.add_argument("--draws", type=int, nargs="+", default=(0, 200), help="bootstrap draws; 0 = no intervals")
    parser.add_argument("--repeats", type=int, default=1, help="times each audit is run; the fastest counts")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    args = parser.parse_args()
    names = [f"noise_{i}" for i in range(args.features)]
    families = dict.fromkeys(names, "content")
    audit(table(200, args.features), names, families, bootstrap=10)  # imports are not what is measured
    results, before = [], {}
    for rows in args.rows:
        frame = table(rows, args.features)
        values = frame[names].to_numpy()
        sort = seconds(lambda values=values: np.argsort(values, axis=0, kind="stable"), args.repeats)
        del values
        for draws in args.draws:
            took = seconds(
                lambda frame=frame, draws=draws: audit(frame, names, families, bootstrap=draws), args.repeats
            )
            row = {"rows": rows, "features": args.features, "draws": draws, "argsort_s": sort, "audit_s": took}
            if draws in before:
                fewer, less = before[draws]
                row["grows"] = took / less / (rows * log(rows) / (fewer * log(fewer)))
            before[draws] = (rows, took)
            results.append(row)
            if not args.json:
                grows = f", grows {row['grows']:.2f} x n log n" if "grows" in row else ""
                print(
                    f"{rows:>9,} rows x {args.features}, {draws:>3} draws: {took:.2f} s (argsort {sort:.2f} s){grows}"
                )
    if args.json:
        json.dump(results, sys.stdout, indent=1)


if __name__ == "__main__":
    main()

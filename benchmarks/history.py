"""Response time of the page History: one page of records, a search and a count, in a large database."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable

ANSWER = '{"features": "' + "x" * 14_000 + '"}'  # as long as the answer of a check


def fill(count: int) -> None:
    """That many records of half as many pictures, a minute apart."""
    import sqlalchemy as sa

    from cgid.db import engine
    from cgid.db.upgrade import searchable

    verdicts = ("likely_real", "likely_ai", "inconclusive", "declared_ai")
    with engine.writing() as connection:
        for first in range(0, count, 2000):
            rows = []
            for i in range(first, min(count, first + 2000)):
                file, note = f"/pictures/IMG_{i:07d}.jpg", "asked by the desk" if i % 50 == 0 else ""
                rows.append(
                    {
                        "created": 1.7e9 + 60 * i, "file": file, "sha256": f"{i // 2 * 0x9E3779B97F4A7C15 % 2**256:064x}",
                        "verdict": verdicts[i % 4], "probability_ai": 0.5, "check": ANSWER, "note": note,
                        "words": searchable(file, note),
                    }
                )  # fmt: skip
            connection.execute(sa.insert(engine.analyses_table), rows)


def milliseconds(step: Callable[[], object], runs: int = 3) -> tuple[float, float]:
    """(processor time, time by the clock), the best of `runs`."""
    best = []
    for _ in range(runs):
        begun, clock = time.process_time(), time.perf_counter()
        step()
        best.append((1000 * (time.process_time() - begun), 1000 * (time.perf_counter() - clock)))
    return min(b[0] for b in best), min(b[1] for b in best)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000, metavar="N", help="default: 100000 (1.6 GB on disk)")
    count = parser.parse_args().records
    with tempfile.TemporaryDirectory() as home:
        os.environ["CGID_HOME"] = home
        os.environ.pop("CGID_DATABASE_URL", None)
        fill(count)
        from cgid.records.store import Search, count_matching, list_records

        searches = {
            "all": Search(),
            "a word that is nowhere": Search("nowhere"),
            "a word of notes": Search("desk"),
            "a verdict": Search(verdicts=("likely_ai",)),
            "a month": Search(since=1.7e9, until=1.7e9 + 30 * 86400),
            "each picture once": Search(newest_only=True),
        }
        print(f"{count:,} records: count and first page, milliseconds\n{'':24} processor  clock")
        for name, search in searches.items():
            cpu, clock = milliseconds(lambda search=search: (count_matching(search), list_records(search, 12)))
            print(f"{name:24} {cpu:9.0f}  {clock:5.0f}")
        cpu, clock = milliseconds(lambda: list_records(Search(), 12, count - 12))
        print(f"{'the last page':24} {cpu:9.0f}  {clock:5.0f}")


if __name__ == "__main__":
    main()

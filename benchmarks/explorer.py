"""Time that the Feature explorer needs for each view: python -m benchmarks.explorer [--rows 100000] [--json]"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

ROWS, FEATURES = 100_000, 250


def write_table(path: Path, rows: int, features: int) -> None:
    """A table like a real one: skewed, counted and correlated features, missing values, two classes, ten generators."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.default_rng(0)
    label = np.arange(rows) % 2
    hidden = random.normal(size=(rows, 12)).astype(np.float32)
    columns = {
        "record_id": [f"{i:064x}" for i in range(rows)],
        "filepath": [f"/images/{'ai' if y else 'real'}/{i:06d}.jpg" for i, y in enumerate(label)],
        "label": np.where(label == 1, "ai", "real"),
        "target_label": label,
        "source": np.char.add("source_", (np.arange(rows) % 4).astype(str)),
        "generator": np.char.add("generator_", (np.arange(rows) % 10).astype(str)),
        "split": np.array(["train", "val", "test"])[np.arange(rows) % 3],
    }
    for at in range(features):
        values = hidden[:, at % 12] + 0.7 * random.normal(size=rows) + 0.002 * at * label
        values = (values, np.exp(values), np.round(values), np.where(random.random(rows) < 0.1, np.nan, values))[at % 4]
        columns[f"noise_made_{at}"] = values.astype(np.float64)
    pq.write_table(pa.Table.from_pydict(columns), path)


def seconds(step: Callable[[], object]) -> float:
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def _views(selection, names: Sequence[str]) -> dict[str, tuple[Callable[[], object], Sequence[str]]]:
    """{view: (what it computes once its columns are new, the columns it reads)}."""
    from cgid.charts import distributions, scatter
    from cgid.evaluate.distributions import bounds, stratified_sample
    from cgid.evaluate.feature_clusters import clusters, spearman
    from cgid.evaluate.robust import multivariate_outliers, robust_z

    def distribution(draw) -> object:
        values, label = selection.values(names[0]), selection.label
        groups = {name: (name, values[label == c]) for c, name in enumerate(("Real photo", "AI image"))}
        return draw(groups, names[0], *bounds(values)).to_dict()

    def density() -> object:
        x, y = selection.values(names[1]), selection.values(names[2])
        return scatter.density_grid(x, y, "x", "y", bounds(x), bounds(y), "#3b82c4").to_dict()

    def points() -> object:
        x, y = selection.values(names[1]), selection.values(names[2])
        return stratified_sample(selection.label, 5000), bounds(x), bounds(y)

    one, two = names[:1], names[1:3]
    return {
        "histogram": (lambda: distribution(distributions.histograms), one),
        "violin": (lambda: distribution(distributions.violins), one),
        "ECDF": (lambda: distribution(distributions.ecdf_lines), one),
        "scatter, points": (points, two),
        "scatter, density": (density, two),
        "all features: missing, sample": (lambda: selection.scan(), names),
        "correlation clusters": (lambda: clusters(spearman(selection.scan().matrix)), ()),
        "unusual in all": (lambda: multivariate_outliers(selection.scan().matrix), ()),
        "unusual in one": (lambda: robust_z(selection.values(names[0]), selection.label), one),
    }


def measure(path: Path) -> list[dict]:
    import pyarrow.parquet as pq

    from cgid.ui.explorer import table as read

    key = read.key_of(path)
    opened = seconds(lambda: (read.about(key), read.rows(key, ())))
    description = read.about(key)
    selection = read.Selection(key, (), description, read.rows(key, ()), description.table.features)
    plain = seconds(lambda: pq.read_table(path, columns=["target_label", "split", "source", "generator"]))
    results = [{"view": "open: labels, sources, splits", "seconds": opened, "pyarrow_s": plain}]
    for view, (step, columns) in _views(selection, selection.features).items():
        if columns:  # as on the first visit: nothing read yet
            read.column.clear()
            read.scan.clear()
        duration = seconds(step)
        plain = seconds(lambda columns=columns: pq.read_table(path, columns=list(columns))) if columns else None
        results.append({"view": view, "seconds": duration, "pyarrow_s": plain})
    return results


def page_seconds(home: Path) -> dict[str, tuple[float, float]]:
    """{view: seconds of the page's first run with nothing read yet, and of a rerun}. The first view warms up imports."""
    import streamlit as st
    from streamlit.testing.v1 import AppTest

    from cgid.settings import REPOSITORY

    os.environ["CGID_HOME"] = str(home)
    took = {}
    for view in ("Spread", "Spread", "Two features", "Alike features", "Missing values", "Unusual images"):
        app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=120)
        app.query_params["view"] = view
        app.switch_page("pages/explorer.py")
        st.cache_data.clear()
        st.cache_resource.clear()
        took[view] = seconds(app.run), seconds(app.run)
        assert not app.exception, app.exception
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--features", type=int, default=FEATURES)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        warm = Path(folder) / "warm.parquet"
        write_table(warm, 200, 12)
        measure(warm)  # excludes the time of imports
        home = Path(folder) / "home"
        table = home / "artifacts" / "features" / "made" / "features.parquet"
        table.parent.mkdir(parents=True)
        write_table(table, args.rows, args.features)
        results, pages = measure(table), page_seconds(home)
    if args.json:
        json.dump(
            {"rows": args.rows, "features": args.features, "views": results, "pages": pages}, sys.stdout, indent=1
        )
        return
    print(
        f"{args.rows} rows x {args.features} features: seconds with nothing read yet, and pyarrow reading the same columns"
    )
    for one in results:
        ratio = (
            f"{one['pyarrow_s']:.3f} s, ratio {one['seconds'] / one['pyarrow_s']:.1f}"
            if one["pyarrow_s"]
            else "from the sample"
        )
        print(f"{one['view']:<32} {one['seconds']:6.3f} s   {ratio}")
    for view, took in pages.items():
        print(f"page, {view:<26} {took[0]:6.3f} s at first, {took[1]:.3f} s again")


if __name__ == "__main__":
    main()

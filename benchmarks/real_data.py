"""Measured results of the README: both models on real data sets, each evaluated on its own test split and on the other
set.

`python -m benchmarks.real_data --data ../shared/data --home DIR [--part a|b|all]`; about half an hour on two cores.
Every step is a command; a step whose output exists in DIR is skipped, so the benchmark can be interrupted and resumed.
`--part a` stops after Model A, which does not depend on the feature groups.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DataSet:
    """root: below --data. model_a: flags of its training; whole scenes are cropped, aligned faces are resized."""

    name: str
    root: str
    model_a: tuple[str, ...]


SETS = (
    DataSet("photo_ai", "photo_ai/diffusiondb_vs_coco_imagenet", ("--fit", "crop", "--epochs", "12")),
    DataSet("faces_forged", "faces_forged/openforensics_relabelled", ("--fit", "resize", "--epochs", "10")),
)
SAME_SETTINGS = ("--image-size", "128", "--batch-size", "16", "--lr", "1e-3", "--cross-fit", "2")


def cgid(home: Path, output: Path, *arguments: object) -> None:
    """Run a command unless its output exists."""
    if not output.exists():
        print("cgid", *arguments, file=sys.stderr)
        subprocess.run(
            [sys.executable, "-m", "cgid", *map(str, arguments)], check=True, env=os.environ | {"CGID_HOME": str(home)}
        )


def prepare(data: Path, home: Path, one: DataSet) -> Path:
    """Folder with the manifests of a data set."""
    folder = home / "data" / "manifests" / one.name
    raw, cleaned = folder / "manifest.csv", folder / "manifest.cleaned.csv"
    cgid(home, raw, "data", "scan", "--root", data / one.root, "--output", raw)
    cgid(home, cleaned, "data", "clean", "--manifest", raw, "--output", cleaned)
    cgid(home, folder / "split.csv", "data", "split", "--manifest", cleaned, "--output-dir", folder)
    return folder


def train_a(home: Path, one: DataSet, folder: Path, others: list[Path]) -> Path:
    run = home / "artifacts" / "runs" / "model_a" / one.name
    parts = [word for part in ("train", "val", "test") for word in (f"--{part}-manifest", folder / f"{part}.csv")]
    external = ["--external-manifest", *(other / "split.csv" for other in others)]
    cgid(
        home,
        run / "run_manifest.json",
        "train-model-a",
        *parts,
        *external,
        "--output-dir",
        run,
        *SAME_SETTINGS,
        *one.model_a,
    )
    return run


def fuse(home: Path, one: DataSet, run: Path, folders: dict[str, Path]) -> Path:
    """Features of every set with the probabilities of this Model A, audit, Model B."""
    tables = {}
    for name, folder in folders.items():
        tables[name] = home / "artifacts" / "features" / f"{name}_by_{one.name}" / "features.parquet"
        arguments = ("--manifest", folder / "split.csv", "--output", tables[name], "--model-a", run)
        cgid(home, tables[name], "extract", *arguments)
    own = tables.pop(one.name)
    audit = home / "artifacts" / "audits" / one.name
    cgid(
        home,
        audit / "feature_leakage_summary.json",
        "audit-model-b-features",
        "--features-csv",
        own,
        "--output-dir",
        audit,
    )
    fused = home / "artifacts" / "runs" / "model_b" / one.name
    external = ["--external-features", *tables.values()]
    arguments = ("--features-csv", own, *external, "--output-dir", fused)
    cgid(home, fused / "run_manifest.json", "train-model-b", *arguments)
    return fused


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the data sets' folders")
    parser.add_argument("--home", type=Path, required=True, help="folder of the results, also used to resume")
    parser.add_argument("--part", choices=("a", "all"), default="all", help="a: stop after Model A")
    args = parser.parse_args()
    home = args.home.absolute()
    folders = {one.name: prepare(args.data.absolute(), home, one) for one in SETS}
    for one in SETS:
        run = train_a(home, one, folders[one.name], [f for name, f in folders.items() if name != one.name])
        show(one.name, "Model A", json.loads((run / "run_manifest.json").read_text())["metrics"])
        if args.part == "a":
            continue
        fused = fuse(home, one, run, folders)
        metrics = json.loads((fused / "run_manifest.json").read_text())["metrics"]
        show(one.name, "Model B", metrics)
        for line in (
            (fused.parent.parent.parent / "audits" / one.name / "feature_leakage_report.md")
            .read_text()
            .splitlines()[:12]
        ):
            print("   ", line)


def show(name: str, model: str, metrics: dict) -> None:
    print(f"\n{name}, {model}")
    columns = ("auc", "false_positive_rate", "false_negative_rate")
    blocks = [("test", metrics["test"]), *((e["name"], e) for e in metrics.get("external", []))]
    for where, block in blocks:
        figures = (f"{k} {block[k]['value']:.3f} ({block[k]['low']:.3f} to {block[k]['high']:.3f})" for k in columns)
        print(f"  {where:16} n {block['n']:5}  " + "  ".join(figures))


if __name__ == "__main__":
    main()

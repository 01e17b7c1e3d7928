"""The leakage gate: training refuses data whose file format or metadata alone predicts the class.

A detector that can read the label from the container learns the container. The gate tests how well a small model of one
family of features classifies images it was not fitted to. `gate_result` reports for a finished audit whether the default
gate would refuse the data, and because of which family.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cgid import formatting
from cgid.artifacts import FEATURE_TABLE, SCANNED_MANIFEST
from cgid.errors import InputError
from cgid.progress import Progress, silent

if TYPE_CHECKING:
    import pandas as pd

FAMILIES = ("container", "provenance")
MAX_IMAGES = 4000  # training images that are tested; whole groups are sampled
DEFAULT_GATE = 0.60


def check_gate(gate: float) -> None:
    """Raises InputError unless the gate is 0 (no gate) or a balanced accuracy from 0.5 to below 1."""
    if gate and not 0.5 <= gate < 1:
        raise InputError(
            f"--gate must be 0 (none), or at least 0.5 and below 1 (default: {DEFAULT_GATE:g}), not {gate:g}."
        )


def require_table(
    gate: float, frame: pd.DataFrame, columns: Sequence[str], what: str, seed: int
) -> dict[str, Any] | None:
    """Probe FAMILIES of a feature table with `target_label` (0/1) and `group`; {family: probe}, None without a gate.

    Raises InputError where one of them reaches more than `gate` balanced accuracy.
    """
    if not gate:
        return None
    from cgid.audit.probes import probe
    from cgid.evaluate.intervals import group_codes
    from cgid.features.registry import families

    label = frame["target_label"].to_numpy().astype(int)
    codes = group_codes(frame["group"] if "group" in frame else frame.get("record_id"), len(frame))
    family = families(list(columns))
    probes = {}
    for name in FAMILIES:
        own = [c for c in columns if family[c] == name]
        if own:
            probes[name] = probe(frame[own].to_numpy(dtype=float), label, codes, seed=seed)
    _require_pass(gate, probes, what)
    return probes


def require_images(
    gate: float, manifest: Path, examples: pd.DataFrame, folder: Path, seed: int, progress: Progress = silent
) -> dict[str, Any] | None:
    """Extract the format and metadata features of training images, then as `require_table`.

    examples: as `cgid.data.manifest.read_examples` returns them (path, label, group); at most MAX_IMAGES are sampled.
    folder: receives features.parquet. Values extracted before are taken from the store.
    """
    if not gate:
        return None
    from cgid.audit.probes import sample_groups
    from cgid.data.manifest import write_manifest
    from cgid.evaluate.intervals import group_codes
    from cgid.extraction.extract import extract
    from cgid.extraction.params import ExtractParams
    from cgid.features.registry import all_groups
    from cgid.features.table import feature_columns, read_features

    sample = examples[sample_groups(group_codes(examples["group"], len(examples)), seed, MAX_IMAGES)]
    manifest_file = folder / SCANNED_MANIFEST
    write_manifest(sample.drop(columns=[c for c in ("target",) if c in sample]), manifest_file)
    groups = ",".join(g.key for g in all_groups().values() if g.family in FAMILIES)
    extract(ExtractParams(manifest_file, folder / FEATURE_TABLE, groups=groups), progress)
    frame = read_features(folder / FEATURE_TABLE)
    return require_table(gate, frame, feature_columns(frame), str(manifest), seed)


def _require_pass(gate: float, probes: Mapping[str, Mapping[str, Any]], what: str) -> None:
    values = {name: probe["balanced_accuracy"] for name, probe in probes.items()}
    above = {n: v for n, v in values.items() if v["value"] is not None and v["value"] > gate}
    if not above:
        return
    statement = " and ".join(
        f"`{name}` alone with {formatting.percentage(v, 1)} balanced accuracy" for name, v in above.items()
    )
    raise InputError(
        f"The leakage gate refuses this data: in {what} a small model predicts the class from {statement}; "
        f"--gate allows {gate:.0%}. Match the formats of both classes first (`cgid data match-formats`), or train without --gate."
    )


def gate_result(families: Mapping[str, Mapping[str, Any]], gate: float = DEFAULT_GATE) -> tuple[bool | None, str]:
    """(whether the gate would refuse, a sentence). families: of `feature_leakage_summary.json`. None: not testable."""
    probed = {
        name: families[name]["balanced_accuracy"]
        for name in FAMILIES
        if (families.get(name) or {}).get("balanced_accuracy", {}).get("value") is not None
    }
    if not probed:
        return None, "The gate cannot be tested: no format or metadata feature, or too few independent images."
    above = {n: f for n, f in probed.items() if f["value"] > gate}
    values = ", ".join(f"{name} {formatting.decimal(metric)}" for name, metric in (above or probed).items())
    if above:
        return True, f"A gate of {gate:.2f} would refuse this data: {values}."
    return False, f"A gate of {gate:.2f} would let this data pass: {values}."

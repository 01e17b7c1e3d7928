"""The gate: training refuses data whose file format or metadata alone tell real from AI.

A detector that can read the label off the container learns the container. What is asked is SCIENCE's question: how far
does a small model come that sees one family of features only, on images it was not fitted to.

Says of a finished audit whether training with the usual gate would refuse the data, and because of which family.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cgid import formatting
from cgid.artifacts import FEATURE_TABLE, SCANNED_MANIFEST
from cgid.errors import InputError
from cgid.progress import Report, silent

if TYPE_CHECKING:
    import pandas as pd

FAMILIES = ("container", "provenance")
ROWS = 4000  # training images that are asked; whole groups are drawn
USUAL = 0.60


def check(gate: float) -> None:
    """Raises InputError where the gate is no share between chance and certainty (0 = no gate)."""
    if gate and not 0.5 <= gate < 1:
        raise InputError(f"--gate must be 0 (none) or from 0.5 up to, not with, 1 (usual: {USUAL:g}), not {gate:g}.")


def pass_table(gate: float, frame: pd.DataFrame, columns: Sequence[str], what: str, seed: int) -> dict[str, Any] | None:
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
    found = {}
    for name in FAMILIES:
        own = [c for c in columns if family[c] == name]
        if own:
            found[name] = probe(frame[own].to_numpy(dtype=float), label, codes, seed=seed)
    _judge(gate, found, what)
    return found


def pass_images(
    gate: float, manifest: Path, examples: pd.DataFrame, folder: Path, seed: int, report: Report = silent
) -> dict[str, Any] | None:
    """Measure the format and metadata of training images, then as `pass_table`.

    examples: as `cgid.data.manifest` reads them (path, label, group); of many images ROWS are drawn. folder: receives
    features.parquet, the measured table. What was measured before is taken from the store.
    """
    if not gate:
        return None
    from cgid.audit.probes import some_groups
    from cgid.data.manifest import write_manifest
    from cgid.evaluate.intervals import group_codes
    from cgid.extraction.extract import extract
    from cgid.extraction.params import ExtractParams
    from cgid.features.registry import all_groups
    from cgid.features.table import feature_columns, read_features

    kept = examples[some_groups(group_codes(examples["group"], len(examples)), seed, ROWS)]
    asked = folder / SCANNED_MANIFEST
    write_manifest(kept.drop(columns=[c for c in ("target",) if c in kept]), asked)
    groups = ",".join(g.key for g in all_groups().values() if g.family in FAMILIES)
    extract(ExtractParams(asked, folder / FEATURE_TABLE, groups=groups), report)
    frame = read_features(folder / FEATURE_TABLE)
    return pass_table(gate, frame, feature_columns(frame), str(manifest), seed)


def _judge(gate: float, found: Mapping[str, Mapping[str, Any]], what: str) -> None:
    values = {name: probe["balanced_accuracy"] for name, probe in found.items()}
    shut = {n: v for n, v in values.items() if v["value"] is not None and v["value"] > gate}
    if not shut:
        return
    words = " and ".join(f"`{name}` alone with {formatting.share(v, 1)} balanced accuracy" for name, v in shut.items())
    raise InputError(
        f"The gate is shut: in {what} a small model tells real from AI by {words}; --gate allows {gate:.0%}. "
        "Make both classes alike first (`cgid data treat`), or train without --gate."
    )


def gate_words(families: Mapping[str, Mapping[str, Any]], gate: float = USUAL) -> tuple[bool | None, str]:
    """(would it be refused, a sentence). families: those of `feature_leakage_summary.json`. None: nothing was asked."""
    asked = {
        name: families[name]["balanced_accuracy"]
        for name in FAMILIES
        if (families.get(name) or {}).get("balanced_accuracy", {}).get("value") is not None
    }
    if not asked:
        return None, "The gate cannot be asked: no format or metadata feature, or too few independent images."
    shut = {n: f for n, f in asked.items() if f["value"] > gate}
    said = ", ".join(f"{name} {formatting.decimal(figure)}" for name, figure in (shut or asked).items())
    if shut:
        return True, f"A gate of {gate:.2f} would refuse this data: {said}."
    return False, f"A gate of {gate:.2f} would let this data pass: {said}."

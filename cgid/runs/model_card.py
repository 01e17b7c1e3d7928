"""The model card: one page on what a run was trained on, how good it is and what its limits are.

Mitchell et al. (2019), "Model Cards for Model Reporting", FAT*: https://arxiv.org/abs/1810.03993
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cgid.artifacts import METRICS_SUMMARY, RUN_CARD, RUN_EXPORTS, RUN_THRESHOLDS
from cgid.escape import escaped
from cgid.files import read_json, write_text
from cgid.progress import Progress
from cgid.runs.model_card_limits import limits, metric_text, robustness_section
from cgid.runs.params import ModelCardParams
from cgid.runs.robustness_file import read_robustness
from cgid.runs.store import load_run

KINDS = {"model_a": "Model A (a network on pixels)", "model_b": "Model B (a classifier on features)"}
SHOWN_METRICS = {
    "auc": "AUC",
    "balanced_accuracy": "balanced accuracy",
    "false_positive_rate": "real called AI",
    "false_negative_rate": "AI called real",
    "ece": "calibration error",
}
OMITTED_SETTINGS = ("output_dir", "device", "workers", "resume")  # do not change the result


def write(folder: Path, manifest: Mapping[str, Any]) -> Path:
    """Write model_card.md into a run folder; its path."""
    write_text(folder / RUN_CARD, text(folder, manifest))
    return folder / RUN_CARD


def text(folder: Path, manifest: Mapping[str, Any]) -> str:
    """The card of a run whose thresholds.json, and exports/ and robustness/ if any, lie in the folder.

    manifest: content of run_manifest.json. What a run does not record is omitted or marked as such.
    """
    exported = _read_json(folder / RUN_EXPORTS / METRICS_SUMMARY)
    return card(manifest, _read_json(folder / RUN_THRESHOLDS), exported, read_robustness(folder, manifest))


def card(
    manifest: Mapping[str, Any],
    thresholds: Mapping[str, Any],
    exported: Mapping[str, Any],
    robust: Mapping[str, Any] | None = None,
) -> str:
    """The page as Markdown. frozen: thresholds.json. exported: exports/metrics_summary.json, {} where there is none.
    robust: robustness.json, if measured."""
    kind = str(manifest.get("kind"))
    lines = [f"# {escaped(manifest.get('run_id', 'unnamed run'))}", ""]
    subject = "An external, imported detector" if manifest.get("imported") else KINDS.get(kind, "A detector")
    lines += [f"{subject} that gives an image's probability of being AI-generated."]
    lines += [
        f"Created {escaped(str(manifest.get('created', 'at an unknown time'))[:10])} "
        f"with cgid {_of(manifest, 'cgid_version')}."
    ]
    if manifest.get("simulated"):
        lines += ["**Simulated demo data: it shows how the tool works and says nothing about real generators.**"]
    lines += [
        "",
        "## Limitations, most serious first",
        "",
        *(f"- {line}" for line in limits(manifest, thresholds, exported)),
    ]
    lines += ["", "## Metrics (95 % intervals in brackets)", "", *_metrics_table(manifest.get("metrics") or {})]
    lines += robustness_section(robust or {})
    lines += ["", "## Calibration and thresholds", "", *_thresholds(thresholds)]
    lines += ["", "## Data", "", *_data(manifest)]
    lines += ["", "## Training", "", *_training(manifest)]
    lines += ["", "## Files and licence", "", *_files(manifest), *_licence(manifest)]
    return "\n".join(lines) + "\n"


def _metrics_table(metrics: Mapping[str, Any]) -> list[str]:
    test = metrics.get("test")
    blocks: dict[str, Any] = {"own test images": test} if isinstance(test, Mapping) else {}
    all_features = ((metrics.get("variants") or {}).get("all") or {}).get("test")
    if metrics.get("headline") == "content_only" and isinstance(all_features, Mapping):
        blocks = {
            "own test images, without file format and metadata (primary variant)": test,
            "own test images, with file format and metadata": all_features,
        }
    for block in metrics.get("external") or []:
        blocks[f"other data: {escaped(block.get('name', 'unnamed'), 60)}"] = block
    if not blocks:
        return ["No metrics are recorded."]
    lines = ["| images | n (real / AI) | sources | " + " | ".join(SHOWN_METRICS.values()) + " |"]
    lines += ["|---" * (len(SHOWN_METRICS) + 3) + "|"]
    for name, block in blocks.items():
        head = (
            f"| {name} | {_of(block, 'n')} ({_of(block, 'n_real')} / {_of(block, 'n_ai')}) | {_of(block, 'groups')} | "
        )
        lines.append(head + " | ".join(metric_text(block.get(key)) for key in SHOWN_METRICS) + " |")
    if not metrics.get("external"):
        lines += ["", "No metrics on external data."]
    return lines


def _thresholds(thresholds: Mapping[str, Any]) -> list[str]:
    named = thresholds.get("thresholds")
    if not isinstance(named, Mapping):
        return ["None are recorded."]
    on, band = thresholds.get("calibrated_on") or {}, thresholds.get("inconclusive") or {}
    lines = [f"- Fitted on {_of(on, 'n')} images ({escaped(on.get('what', 'not said which'))})."]
    if thresholds.get("temperature") is not None:
        lines += [
            f"- Logits are divided by {_number(thresholds['temperature'])}, "
            f"then {_number(thresholds.get('bias'))} is added."
        ]
    values = ", ".join(f"{escaped(name)} {_number(value)}" for name, value in named.items())
    lines += [f"- Called AI from this probability on: {values} (the metrics above: balanced)."]
    if band:
        lines += [f"- Inconclusive from {_number(band.get('low'))} up to {_number(band.get('high'))}."]
    return lines


def _data(manifest: Mapping[str, Any]) -> list[str]:
    lines = []
    for each in manifest.get("manifests") or []:
        name = Path(str(each.get("path", ""))).name
        lines.append(f"- {_of(each, 'role')}: {escaped(name)}, {_of(each, 'rows')} rows, sha256 {_of(each, 'sha256')}")
    skipped = manifest.get("skipped")
    if skipped:
        lines.append(f"- Left out: {len(skipped)} images that could not be read or had no score.")
    data_name = (manifest.get("data") or {}).get("name")
    return [f"Set: {escaped(data_name)}.", "", *lines] if data_name else lines or ["Not recorded."]


def _training(manifest: Mapping[str, Any]) -> list[str]:
    config = {k: v for k, v in (manifest.get("config") or {}).items() if k not in OMITTED_SETTINGS and not _is_path(v)}
    settings = ", ".join(
        f"{escaped(k)} {escaped(_flat(v), 80)}" for k, v in sorted(config.items()) if v not in (None, [], "")
    )
    lines = [f"- {settings or 'Configuration not recorded'}."]
    if manifest.get("best_epoch") is not None:
        lines += [f"- Selected: epoch {_of(manifest, 'best_epoch')} of {len(manifest.get('history') or [])}."]
    selection = manifest.get("early_stop_source")
    if isinstance(selection, Mapping):
        lines += [f"- Choice of the epoch: {escaped(selection.get('words'), 300)}."]
    features = (manifest.get("data") or {}).get("features")
    if isinstance(features, Mapping):
        sizes = ", ".join(f"{escaped(k)} {len(v)}" for k, v in features.items() if isinstance(v, list))
        lines += [f"- Features: {sizes}."]
    versions = manifest.get("versions") or {}
    lines += [
        f"- On {_of(manifest, 'device')}; " + ", ".join(f"{escaped(k)} {escaped(v)}" for k, v in versions.items()) + "."
    ]
    return lines


def _files(manifest: Mapping[str, Any]) -> list[str]:
    blocks = [b for b in manifest.values() if isinstance(b, Mapping) and b.get("file") and b.get("sha256")]
    lines = [f"- {escaped(b['file'])}: sha256 {escaped(b['sha256'])}" for b in blocks]
    return list(dict.fromkeys(lines)) or ["- No weights are recorded."]


def _licence(manifest: Mapping[str, Any]) -> list[str]:
    """Of the architecture, by the registry; Model B consists of parts under the licences of its packages."""
    if manifest.get("kind") != "model_a":
        return ["- Licence of the method: linear model or trees of scikit-learn or torch (BSD-3-Clause)."]
    config = manifest.get("config") or {}
    from cgid.models.architecture import all_architectures, recorded_architecture

    arch = str(config.get("arch"))
    known = (
        recorded_architecture(arch) if "network" in manifest else all_architectures().get(arch)
    )  # neither loads torch
    if known is None:
        return [f"- Architecture {escaped(config.get('arch'))}: licence not known here; ask its provider."]
    lines = [f"- Architecture {escaped(known.title)}: {escaped(known.licence)}, {known.paper}"]
    if config.get("weights") == "imagenet":
        lines += [f"- Initialised from published weights: {escaped(known.weights_licence or 'licence not known')}."]
    elif config.get("weights") not in (None, "none"):
        lines += ["- Initialised from a weights file whose licence is not known here."]
    return [*lines, "- Images keep the licences of the sets they came from."]


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = read_json(path)
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _of(block: Mapping[str, Any], key: str) -> str:
    value = block.get(key)
    return "not recorded" if value is None else escaped(value)


def _number(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, int | float) else "not recorded"


def _flat(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _is_path(value: Any) -> bool:
    """Paths are omitted: manifests are listed under Data, and the folders of a machine are private."""
    return any("/" in str(v) or "\\" in str(v) for v in (value if isinstance(value, list) else [value]))


def write_model_card(params: ModelCardParams, progress: Progress) -> dict[str, Any]:
    """Write model_card.md into the run folder. Raises InputError where it is no finished run."""
    run = load_run(Path(params.run))
    progress(0, 1, f"reading {run.id}")
    path = write(run.folder, run.manifest)
    progress(1, 1, "written")
    return {"run": str(run.folder), "card": str(path), "summary": f"Wrote {path}."}

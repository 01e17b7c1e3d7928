"""The whole demo as a list of steps: what `cgid demo` runs and what the button "Build the demo" submits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cgid.ablation.params import AblateParams
from cgid.artifacts import CLEANED_MANIFEST, DEMO_PREFIX, FEATURE_TABLE, SCANNED_MANIFEST, SPLIT_MANIFEST
from cgid.audit.params import AuditParams
from cgid.data.params import CleanParams, DemoDataParams, SplitParams
from cgid.extraction.params import ExtractParams
from cgid.jobs.submit import Step
from cgid.model_b.params import TrainModelBParams
from cgid.runs.params import PromoteParams
from cgid.settings import settings
from cgid.train.params import TrainModelAParams

LEAKY, MATCHED = f"{DEMO_PREFIX}leaky", f"{DEMO_PREFIX}matched"
DEFAULT_COUNT = 800
# Small enough for two processor cores, large enough that Model A is far better than chance on unseen photos.
MODEL_A: dict[str, Any] = {"image_size": 128, "fit": "crop", "epochs": 4, "batch_size": 16, "lr": 1e-3, "cross_fit": 2}


def chain(count: int = DEFAULT_COUNT) -> list[Step]:
    """Steps of the demo, each after those it needs. count: images in each of the two simulated sets.

    A demo of another size than the usual one has names of its own (`demo_matched_160`), so that both can coexist.
    Both sets: images, cleaning, split, features, audit, ablation, Model B. Model A is trained on the matched set only.
    The Model B of the leaky set demonstrates the leak and is never promoted.
    """
    paths = settings()
    steps: list[Step] = []
    tag = "" if count == DEFAULT_COUNT else f"_{count}"
    leaky, matched, run = LEAKY + tag, MATCHED + tag, "demo" + tag
    demo_folder = paths.data / f"demo{tag}"

    def add(kind: str, params: Any, *after: int) -> int:
        steps.append(Step(kind, params, after))
        return len(steps) - 1

    images = add("demo-data", DemoDataParams(demo_folder, count))
    splits = {
        name: _prepare(add, demo_folder / version / SCANNED_MANIFEST, paths.manifests / name, images)
        for name, version in ((leaky, "leaky"), (matched, "matched"))
    }

    model_a, model_b = paths.runs / "model_a" / run, paths.runs / "model_b" / run
    folder = paths.manifests / matched
    train, val, test = (folder / f"{part}.csv" for part in ("train", "val", "test"))
    trained_a = add("train-model-a", TrainModelAParams(train, val, test, model_a, **MODEL_A), splits[matched])
    add("promote", PromoteParams(model_a), trained_a)

    extracted = {
        leaky: add("extract", _extract(leaky, groups=_all_but_model_a()), splits[leaky]),
        matched: add("extract", _extract(matched, model_a=model_a), splits[matched], trained_a),
    }
    trained_b = add("train-model-b", TrainModelBParams(_table(matched), model_b), extracted[matched])
    add("promote", PromoteParams(model_b), trained_b)
    leaky_run = paths.runs / "model_b" / f"{run}_leaky_trap"
    add("train-model-b", TrainModelBParams(_table(leaky), leaky_run), extracted[leaky])

    for name in (leaky, matched):
        add("audit", AuditParams(_table(name), paths.audits / name), extracted[name])
        add("ablate", AblateParams(_table(name), paths.ablations / name), extracted[name])
    return steps


def _prepare(add, source: Path, folder: Path, images: int) -> int:
    """Cleaning and split of one set; the index of the split step."""
    cleaned = folder / CLEANED_MANIFEST
    clean = add("data-clean", CleanParams(source, cleaned), images)
    return add("data-split", SplitParams(cleaned, folder), clean)


def _table(name: str) -> Path:
    return settings().features / name / FEATURE_TABLE


def _extract(name: str, groups: str = "", model_a: Path | None = None) -> ExtractParams:
    return ExtractParams(settings().manifests / name / SPLIT_MANIFEST, _table(name), groups=groups, model_a=model_a)


def _all_but_model_a() -> str:
    """Model A is trained on the matched set; its score on the leaky one would only obscure what the formats leak."""
    from cgid.features.registry import all_groups

    return ",".join(key for key in all_groups() if key != "model_a")

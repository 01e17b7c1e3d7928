"""The order in which `--help` lists commands, and a line for each group of them."""

from __future__ import annotations

GROUPS = {
    "records": "saved checks",
    "data": "images and their manifests",
    "features": "the forensic features; without a command they are listed",
    "model-a": "the detector trained on pixels",
    "model-b": "the detector trained on forensic features",
    "runs": "trained models of either kind",
    "external": "detectors trained elsewhere",
    "format-matching": "the experiment on how much file formats leak",
    "jobs": "background jobs",
}

ORDER = {
    "": (
        "check", "check-folder", "file", "inspect", "report", "records", "data", "features", "audit", "ablate",
        "model-a", "model-b", "robustness", "runs", "external", "format-matching", "jobs", "demo", "app",
    ),
    "records": ("list", "note", "delete"),
    "data": ("scan", "clean", "split", "prepare", "import-zip", "match-formats"),
    "features": ("list", "extract"),
    "model-a": (
        "train", "train-robust", "estimate", "evaluate", "average", "leave-one-source-out", "export-onnx",
        "export-results",
    ),
    "model-b": ("build-dataset", "export-features", "label-map", "train"),
    "runs": ("promote", "compare", "worst-errors", "model-card"),
    "external": ("import-detector", "import-predictions"),
    "format-matching": ("run", "report"),
    "jobs": ("list", "show", "logs", "cancel", "retry", "worker"),
}  # fmt: skip


def in_order(names: set[str], group: str = "") -> list[str]:
    """The names of a group's commands, or of those below `cgid` itself; names that a plug-in adds come last."""
    order = ORDER.get(group, ())
    return sorted(names, key=lambda name: (order.index(name) if name in order else len(order), name))

"""`Run`: the folder of a trained or imported model, its files and its manifest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cgid import artifacts
from cgid.files import read_json, sha256_of


@dataclass(frozen=True)
class Run:
    """One run. `kind` is `model_a` or `model_b`, `manifest` the content of run_manifest.json, {} while it is
    running."""

    kind: str
    id: str
    folder: Path
    manifest: dict[str, Any]

    @classmethod
    def at(cls, folder: Path | str) -> Run:
        """The Model A run of a folder, which need not exist yet."""
        folder = Path(folder).expanduser().absolute()
        return cls("model_a", folder.name, folder, {})

    @property
    def created(self) -> str:
        """ISO time in UTC; empty where the manifest has none."""
        return str(self.manifest.get("created") or "")

    @property
    def config_path(self) -> Path:
        """What is trained: written first."""
        return self.folder / artifacts.RUN_CONFIG

    @property
    def manifest_path(self) -> Path:
        """Written last: a folder that has it holds a finished run."""
        return self.folder / artifacts.RUN_MANIFEST

    @property
    def weights_path(self) -> Path:
        """Weights of Model A at its best epoch."""
        return self.folder / artifacts.MODEL_A_WEIGHTS

    @property
    def checkpoint_path(self) -> Path:
        """State of the training, from which `--resume` continues."""
        return self.folder / artifacts.MODEL_A_CHECKPOINT

    @property
    def onnx_path(self) -> Path:
        return self.folder / artifacts.ONNX_MODEL

    @property
    def history_path(self) -> Path:
        """The epochs so far, for pages that poll; the finished run's manifest holds them too."""
        return self.folder / artifacts.RUN_HISTORY

    @property
    def thresholds_path(self) -> Path:
        return self.folder / artifacts.RUN_THRESHOLDS

    @property
    def metrics_path(self) -> Path:
        return self.folder / artifacts.RUN_METRICS

    @property
    def card_path(self) -> Path:
        return self.folder / artifacts.RUN_CARD

    @property
    def exports_folder(self) -> Path:
        return self.folder / artifacts.RUN_EXPORTS

    @property
    def cross_fit_folder(self) -> Path:
        """Networks and predictions of each cross-fit fold."""
        return self.folder / "cross_fit"

    @property
    def gate_folder(self) -> Path:
        """Results of the leakage gate before the training."""
        return self.folder / "gate"

    def predictions_path(self, split: str) -> Path:
        return self.folder / artifacts.predictions_file(split)

    def prediction_splits(self) -> list[str]:
        """Splits of which the folder holds predictions, by name."""
        return artifacts.prediction_splits(self.folder)

    def completed_manifest(self) -> dict[str, Any] | None:
        """The manifest in the folder where the run is finished and its weights are the recorded ones, else None."""
        try:
            manifest = read_json(self.manifest_path)
            whole = all(
                sha256_of(self.folder / manifest[key]["file"]) == manifest[key]["sha256"] for key in ("weights", "onnx")
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return manifest if whole else None

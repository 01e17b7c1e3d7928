"""Trains Model A: manifests in, a run folder with network, calibration, metrics and predictions out."""

from __future__ import annotations

import cgid.train.threads  # noqa: F401  (before torch)

# isort: split
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from cgid.audit import gate
from cgid.data import manifest as data_manifest
from cgid.errors import InputError
from cgid.evaluate import operating_points
from cgid.files import sha256_of, write_json
from cgid.models.image_cache import Images, cache_budget, reader, shift_margin
from cgid.models.networks.network import NetworkSpec
from cgid.models.preprocess import Preprocess
from cgid.progress import Progress, silent
from cgid.runs import exports, model_card, predictions
from cgid.runs.run import Run
from cgid.schema import external_split
from cgid.train import checkpoint, device, predict, recipe, record
from cgid.train.early_stop_source import HELD_OUT, select_epoch_rows
from cgid.train.export_onnx import metadata, parity_images, write_onnx
from cgid.train.launch_ranks import launch_ranks
from cgid.train.loader import batches
from cgid.train.loop import Training
from cgid.train.parallel import Ranks, init_process_group, is_launched, resolve_processes
from cgid.train.params import TrainModelAParams
from cgid.train.predict import predict_manifest, predict_rows
from cgid.train.progress import TrainingProgress
from cgid.train.record import stalled
from cgid.train.run_folder import manifests_of, open_folder


def train(params: TrainModelAParams, on_progress: Progress) -> dict[str, Any]:
    """Train, select the epoch, calibrate, cross-fit, evaluate, export. Running it again resumes an interrupted
    training.

    With several --processes, or under torchrun, all train and the first one does everything else.

    Raises InputError: bad manifests, one class only, another training in the folder, too little graphics memory.
    """
    params = resolve_processes(params)
    check(params)
    if params.processes > 1 and not is_launched():
        return launch_ranks(partial(train, params), params.processes, on_progress)
    with init_process_group(params) as (ranks, device_name), open_folder(params, ranks.first) as run:
        done = run.completed_manifest() if ranks.first else None
        if ranks.broadcast(done is not None):
            ranks.leave()
            assert done is not None, "the other processes have left"
            return record.result(run, done)
        if ranks.first:
            run.manifest_path.unlink(missing_ok=True)
        target_device = device.pick(device_name)
        device.repeatable()
        progress = TrainingProgress(on_progress if ranks.first else silent)
        with device.report_out_of_memory(params.batch_size, params.image_size), reader(params.workers) as pool:
            return record.result(run, _Stages(params, run, target_device, pool, progress, ranks).complete())


def check(params: TrainModelAParams) -> None:
    """Raises InputError on an invalid parameter."""
    for name in ("epochs", "batch_size"):
        if getattr(params, name) < 1:
            raise InputError(f"--{name.replace('_', '-')} must be at least 1, not {getattr(params, name)}.")
    if params.cross_fit < 0 or params.cross_fit == 1:
        raise InputError(f"--cross-fit must be 0 or at least 2, not {params.cross_fit}.")
    if not params.lr > 0:
        raise InputError(f"--lr must be above 0, not {params.lr}.")
    if not 0 <= params.jpeg_augment <= 1:
        raise InputError(f"--jpeg-augment must lie between 0 and 1, not {params.jpeg_augment}.")
    recipe.check(params)
    gate.check_gate(params.gate)
    preprocess_of(params)
    network_spec_of(params).check(params.weights == "imagenet")


def network_spec_of(params: TrainModelAParams) -> NetworkSpec:
    """The network these parameters specify."""
    return NetworkSpec.from_options(params.arch, params.image_size, params.input, params.stem)


def preprocess_of(params: TrainModelAParams) -> Preprocess:
    """The preprocessing these parameters specify."""
    return Preprocess(params.image_size, params.fit, resize_to=params.resize_to)


@dataclass
class _Stages:
    """One pass through all stages; every stage continues from what an earlier attempt left."""

    params: TrainModelAParams
    run: Run
    device: torch.device
    pool: Any
    progress: TrainingProgress
    ranks: Ranks

    def complete(self) -> dict[str, Any]:
        started, params, run = time.monotonic(), self.params, self.run
        self.preprocess = preprocess_of(params)
        self.frames = {role: data_manifest.read_examples(p) for role, p in manifests_of(params)[:3]}
        external_frames = [data_manifest.read_examples(p) for p in params.external_manifest]
        data_manifest.require_files([p for _, p in manifests_of(params)], [*self.frames.values(), *external_frames])
        self.gate = self._pass_gate()
        self.skipped: list[dict[str, str]] = []
        self._read_images()
        history = self._train_main()
        self._shorten(len(history))
        folds = self._cross_fit()
        self.ranks.leave()
        network = self._network(None)
        checkpoint.load_network(network, run.weights_path)
        network.to(self.device, memory_format=torch.channels_last)
        thresholds, val = self._calibrated_val(network)
        test = self._predict_split(network, "test", self.frames["test"], thresholds)
        data_manifest.require_classes(params.test_manifest, test["label"].to_numpy(), both=False)
        tables = {"val": val, "test": test}
        names = data_manifest.external_names([p for role, p in manifests_of(params) if role == "external"])
        for split, frame in zip(map(external_split, names), external_frames):
            tables[split] = self._predict_split(network, split, frame, thresholds)
        thresholds["error_rates"] = operating_points.errors_of(thresholds, tables)
        training_tables = self._predict_training_rows(network, thresholds, folds)
        for split, table in (tables | training_tables).items():
            predictions.write(table, run.predictions_path(split))
        write_json(run.thresholds_path, thresholds)
        self.progress.progress(self.progress.total, self.progress.total, "exporting")
        details = metadata(run.id, network_spec_of(params), self.preprocess, thresholds, sha256_of(run.weights_path))
        details["simulated"] = data_manifest.simulated([*self.frames.values(), *external_frames])
        onnx = write_onnx(network, self.preprocess, run.onnx_path, parity_images(run), details)
        metrics = record.metrics(thresholds, tables, dict(zip(names, params.external_manifest)))
        write_json(run.metrics_path, metrics)
        exports.write(run.exports_folder, run.id, tables, thresholds, metrics)
        manifest = record.manifest(params, run, history, metrics, tables | training_tables) | {
            "device": device.describe(self.device),
            "simulated": details["simulated"],
            "network": network_spec_of(params).to_json(),
            "preprocess": self.preprocess.to_json(),
            "skipped": self.skipped,
            "gate": self.gate,
            "onnx": onnx,
            **self.epoch_selection.record(),
            "seconds": max(time.monotonic() - started, sum(h["seconds"] for h in history)),
        }
        model_card.write(run.folder, manifest)
        write_json(run.manifest_path, manifest)
        return manifest

    def _pass_gate(self) -> dict[str, Any] | None:
        """The leakage gate before anything is read for training; in the first process, whose refusal ends all."""
        if not self.ranks.first:
            return None
        manifest, rows, folder = self.params.train_manifest, self.frames["train"], self.run.gate_folder
        on_progress = self.progress.reading("for the leakage gate")

        def without_note(done: int, total: int, note: str = "", seconds_left: float | None = None) -> None:
            on_progress(done, total)

        probes = gate.require_images(self.params.gate, manifest, rows, folder, self.params.seed, without_note)
        return {"limit": self.params.gate, "probes": probes}

    def _read_images(self) -> None:
        params = self.params
        budget = cache_budget() // self.ranks.size
        self.train = Images(
            self.frames["train"]["path"], self.preprocess, self.pool, shift_margin(self.preprocess), budget
        )
        self.rows = self._usable("train", self.train)
        self.val = Images(self.frames["val"]["path"], self.preprocess, self.pool, 0, budget - self.train.cache.nbytes)
        self.val_rows = self._usable("val", self.val)
        self.target = self.frames["train"]["target"].to_numpy()
        usable = {"train": self.rows, "val": self.val_rows}
        content = {"train": self.train.sha256, "val": self.val.sha256}
        self.epoch_selection = select_epoch_rows(params.early_stop_source, self.frames, usable, content)
        self.rows = self.epoch_selection.fit_rows
        self.fold = None
        if params.cross_fit:
            group = self.frames["train"]["group"].to_numpy()[self.rows]
            self.fold = predict.assign_folds(self.target[self.rows], group, params.cross_fit, params.seed)
        self._shorten(params.epochs)

    def _shorten(self, epochs: int) -> None:
        """Every part has as many epochs as the run's own training had in the end: folds stop where it stopped early."""
        self.epochs = epochs
        self.progress.total = sum(self._steps(n) for n in self._part_sizes())

    def _usable(self, role: str, images: Images) -> np.ndarray:
        rows = self.ranks.fill(images, self.progress.reading(role))
        self._skip(role, [(images.paths[r], reason) for r, reason in images.problems.items()])
        target = self.frames[role]["target"].to_numpy()[rows]
        data_manifest.require_classes(getattr(self.params, f"{role}_manifest"), target, both=True)
        return rows

    def _skip(self, role: str, problems: list[tuple[str, str]]) -> None:
        self.skipped += [{"role": role, "filepath": path, "reason": reason} for path, reason in problems]

    def _part_sizes(self) -> list[int]:
        folds = [] if self.fold is None else [int((self.fold != k).sum()) for k in range(self.params.cross_fit)]
        return [len(self.rows), *folds]

    def _steps(self, n: int) -> int:
        return len(batches(np.arange(n), self.params.batch_size, 0, 0)) * self.epochs

    def _network(self, seed: int | None) -> nn.Module:
        """A fresh network; seed None: to be filled from a file."""
        params = self.params
        torch.manual_seed(params.seed if seed is None else seed)
        network = network_spec_of(params).build(imagenet=seed is not None and params.weights == "imagenet")
        if seed is not None and params.weights not in ("none", "imagenet"):
            checkpoint.start_from(network, Path(params.weights))
        return network

    def _training(self, part: int, seed: int, rows: np.ndarray, file: Path) -> Training:
        params = self.params
        before = sum(self._steps(n) for n in self._part_sizes()[:part])
        name = "training" if part == 0 else f"cross-fit {part} of {params.cross_fit}"
        on_progress = self.progress.part(name, self.epochs, self._steps(len(rows)) // self.epochs, before)
        config, network = recipe.training_config(params, seed), self._network(seed)
        return Training(
            network, self.train, rows, self.target, config, self.device, file, on_progress, ranks=self.ranks
        )

    def _train_main(self) -> list[dict[str, Any]]:
        selection = self.epoch_selection
        training = self._training(0, self.params.seed, self.rows, self.run.checkpoint_path)

        def write_history(epochs: list[dict[str, Any]]) -> None:
            steps = training.trace.points
            write_json(self.run.history_path, {"epochs": epochs, "steps": steps} | selection.record())

        def after_epoch(network: nn.Module, entry: dict[str, Any]) -> None:
            logits = [self._train_logits(network, selection.train_rows), self._val_logits(network, selection.val_rows)]
            entry |= record.val_metrics(selection.label, np.concatenate(logits))
            if record.best_epoch([*training.history, entry]) == entry["epoch"]:
                self._save_best(network, entry["epoch"])
            write_history([*training.history, entry])

        training.after_epoch = after_epoch
        training.watch = lambda: write_history(training.history)
        training.stop = lambda history: stalled(history, self.params.patience)
        history = training.run()
        if not self.run.weights_path.exists():
            raise InputError(f"{self.run.weights_path} is gone; remove {training.file.name} too to train again.")
        return history

    def _save_best(self, network: nn.Module, epoch: int) -> None:
        model = {k: v.detach().cpu().contiguous() for k, v in network.state_dict().items()}
        spec = network_spec_of(self.params).to_json()
        details = {"arch": self.params.arch, "network": spec, "preprocess": self.preprocess.to_json(), "epoch": epoch}
        checkpoint.save(self.run.weights_path, {"model": model, **details})

    def _calibrated_val(self, network: nn.Module) -> tuple[dict[str, Any], pd.DataFrame]:
        rows, logits = self.val_rows, self._val_logits(network, self.val_rows)
        table = predictions.table(self.frames["val"], rows, [self.val.sha256[r] for r in rows], logits)
        val = table.assign(calibration=self.epoch_selection.calibration)
        thresholds = operating_points.fit_thresholds(val[val["calibration"]], "calibration half of the validation rows")
        return thresholds, self._with_calibrated(val, thresholds)

    def _predict_split(
        self, network: nn.Module, split: str, frame: pd.DataFrame, thresholds: dict[str, Any]
    ) -> pd.DataFrame:
        on_progress = self.progress.reading(split, self.progress.total)
        table, problems = predict_manifest(network, frame, self.preprocess, self.device, self.pool, on_progress)
        self._skip(split, problems)
        return self._with_calibrated(table, thresholds)

    def _cross_fit(self) -> list[pd.DataFrame]:
        if self.fold is None:
            return []
        frame, train, predict_fold = self.frames["train"], self._fold_network, self._train_logits
        return list(
            predict.out_of_fold_predictions(
                frame, self.rows, self.train, self.fold, self.run, train, predict_fold, self.ranks
            )
        )

    def _predict_training_rows(
        self, network: nn.Module, thresholds: dict[str, Any], folds: list[pd.DataFrame]
    ) -> dict[str, pd.DataFrame]:
        """Predictions of the training rows: by the network itself, and out of fold (with rows no training used)."""
        tables = {"train": self._with_calibrated(self._train_table(network, self.rows), thresholds)}
        if folds:
            if len(self.epoch_selection.excluded_rows):
                folds = [*folds, self._train_table(network, self.epoch_selection.excluded_rows).assign(fold=HELD_OUT)]
            tables["oof"] = self._with_calibrated(pd.concat(folds, ignore_index=True), thresholds)
        return tables

    def _train_table(self, network: nn.Module, rows: np.ndarray) -> pd.DataFrame:
        sha256 = [self.train.sha256[r] for r in rows]
        return predictions.table(self.frames["train"], rows, sha256, self._train_logits(network, rows))

    def _fold_network(self, number: int, rows: np.ndarray, file: Path) -> nn.Module:
        training = self._training(number + 1, self.params.seed + number + 1, rows, file)
        training.stop = lambda history: len(history) >= self.epochs
        training.run()
        return training.network

    def _train_logits(self, network: nn.Module, rows: np.ndarray) -> np.ndarray:
        return predict_rows(network, self.train, rows, self.device)

    def _val_logits(self, network: nn.Module, rows: np.ndarray) -> np.ndarray:
        return predict_rows(network, self.val, rows, self.device)

    def _with_calibrated(self, table: pd.DataFrame, thresholds: dict[str, Any]) -> pd.DataFrame:
        return predictions.calibrated(table, lambda logit: operating_points.probability(thresholds, logit))

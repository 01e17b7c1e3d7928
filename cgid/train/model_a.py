"""Trains Model A: manifests in, a run folder out that says what was learnt, how well it works and on what."""

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
from cgid.models.networks.network import Network
from cgid.models.preprocess import Preprocess
from cgid.progress import Report, silent
from cgid.runs import exports, model_card, predictions
from cgid.runs.run import Run
from cgid.schema import external_split
from cgid.train import checkpoint, device, predict, recipe, record
from cgid.train.early_stop_source import HELD_OUT, choosing
from cgid.train.export_onnx import metadata, parity_images, write_onnx
from cgid.train.launch_ranks import start
from cgid.train.loader import batches
from cgid.train.loop import Training
from cgid.train.parallel import Ranks, joined, settled, started_by_others
from cgid.train.params import TrainModelAParams
from cgid.train.predict import judge_manifest, judge_rows
from cgid.train.progress import Progress
from cgid.train.record import stalled
from cgid.train.run_folder import manifests_of, open_folder


def train(params: TrainModelAParams, report: Report) -> dict[str, Any]:
    """Train, choose the epoch, calibrate, cross-fit, judge, export. Running it again continues what was interrupted.

    With several --processes, or under torchrun, all train and the first one does everything else.

    Raises InputError: bad manifests, one class only, another training in the folder, too little graphics memory.
    """
    params = settled(params)
    check(params)
    if params.processes > 1 and not started_by_others():
        return start(partial(train, params), params.processes, report)
    with joined(params) as (ranks, where), open_folder(params, ranks.first) as run:
        done = run.completed_manifest() if ranks.first else None
        if ranks.told(done is not None):
            ranks.leave()
            return record.result(run, done)
        if ranks.first:
            run.manifest_path.unlink(missing_ok=True)
        chosen = device.pick(where)
        device.repeatable()
        progress = Progress(report if ranks.first else silent)
        with device.memory_words(params.batch_size, params.image_size), reader(params.workers) as pool:
            return record.result(run, _Stages(params, run, chosen, pool, progress, ranks).complete())


def check(params: TrainModelAParams) -> None:
    """Raises InputError where a parameter cannot be."""
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
    gate.check(params.gate)
    preprocess_of(params)
    plan_of(params).check(params.weights == "imagenet")


def plan_of(params: TrainModelAParams) -> Network:
    """The network these parameters ask for."""
    return Network.of(params.arch, params.image_size, params.input, params.stem)


def preprocess_of(params: TrainModelAParams) -> Preprocess:
    """How these parameters make an image the network's input."""
    return Preprocess(params.image_size, params.fit, resize_to=params.resize_to)


@dataclass
class _Stages:
    """One pass through all stages; every stage finds what an earlier attempt left behind."""

    params: TrainModelAParams
    run: Run
    device: torch.device
    pool: Any
    progress: Progress
    ranks: Ranks

    def complete(self) -> dict[str, Any]:
        begun, params, run = time.monotonic(), self.params, self.run
        self.preprocess = preprocess_of(params)
        self.frames = {role: data_manifest.read_examples(p) for role, p in manifests_of(params)[:3]}
        outside = [data_manifest.read_examples(p) for p in params.external_manifest]
        data_manifest.require_files([p for _, p in manifests_of(params)], [*self.frames.values(), *outside])
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
        frozen, val = self._calibrated_val(network)
        test = self._judged(network, "test", self.frames["test"], frozen)
        data_manifest.require_classes(params.test_manifest, test["label"].to_numpy(), both=False)
        tables = {"val": val, "test": test}
        names = data_manifest.external_names([p for role, p in manifests_of(params) if role == "external"])
        for split, frame in zip(map(external_split, names), outside):
            tables[split] = self._judged(network, split, frame, frozen)
        frozen["error_rates"] = operating_points.errors_of(frozen, tables)
        own = self._own_rows(network, frozen, folds)
        for split, table in (tables | own).items():
            predictions.write(table, run.predictions_path(split))
        write_json(run.thresholds_path, frozen)
        self.progress.report(self.progress.total, self.progress.total, "exporting")
        about = metadata(run.id, plan_of(params), self.preprocess, frozen, sha256_of(run.weights_path))
        about["simulated"] = data_manifest.simulated([*self.frames.values(), *outside])
        onnx = write_onnx(network, self.preprocess, run.onnx_path, parity_images(run), about)
        metrics = record.metrics(frozen, tables, dict(zip(names, params.external_manifest)))
        write_json(run.metrics_path, metrics)
        exports.write(run.exports_folder, run.id, tables, frozen, metrics)
        manifest = record.manifest(params, run, history, metrics, tables | own) | {
            "device": device.describe(self.device),
            "simulated": about["simulated"],
            "network": plan_of(params).to_json(),
            "preprocess": self.preprocess.to_json(),
            "skipped": self.skipped,
            "gate": self.gate,
            "onnx": onnx,
            **self.choosing.record(),
            "seconds": max(time.monotonic() - begun, sum(h["seconds"] for h in history)),
        }
        model_card.write(run.folder, manifest)
        write_json(run.manifest_path, manifest)
        return manifest

    def _pass_gate(self) -> dict[str, Any] | None:
        """Before anything is read for training; the first process asks, its refusal ends all."""
        if not self.ranks.first:
            return None
        manifest, rows, folder = self.params.train_manifest, self.frames["train"], self.run.gate_folder
        tick = self.progress.reading("for the gate")
        probes = gate.pass_images(
            self.params.gate, manifest, rows, folder, self.params.seed, lambda done, total, _="": tick(done, total)
        )
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
        self.choosing = choosing(params.early_stop_source, self.frames, usable, content)
        self.rows = self.choosing.learn
        self.fold = None
        if params.cross_fit:
            group = self.frames["train"]["group"].to_numpy()[self.rows]
            self.fold = predict.folds_of(self.target[self.rows], group, params.cross_fit, params.seed)
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
        network = plan_of(params).build(imagenet=seed is not None and params.weights == "imagenet")
        if seed is not None and params.weights not in ("none", "imagenet"):
            checkpoint.start_from(network, Path(params.weights))
        return network

    def _training(self, part: int, seed: int, rows: np.ndarray, file: Path) -> Training:
        params = self.params
        before = sum(self._steps(n) for n in self._part_sizes()[:part])
        name = "training" if part == 0 else f"cross-fit {part} of {params.cross_fit}"
        tick = self.progress.part(name, self.epochs, self._steps(len(rows)) // self.epochs, before)
        how, network = recipe.recipe_of(params, seed), self._network(seed)
        return Training(network, self.train, rows, self.target, how, self.device, file, tick, ranks=self.ranks)

    def _train_main(self) -> list[dict[str, Any]]:
        chosen_on = self.choosing
        training = self._training(0, self.params.seed, self.rows, self.run.checkpoint_path)

        def write_history(epochs: list[dict[str, Any]]) -> None:
            steps = training.trace.points
            write_json(self.run.history_path, {"epochs": epochs, "steps": steps} | chosen_on.record())

        def after_epoch(network: nn.Module, entry: dict[str, Any]) -> None:
            logits = [self._train_logits(network, chosen_on.train), self._val_logits(network, chosen_on.val)]
            entry |= record.val_figures(chosen_on.label, np.concatenate(logits))
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
        plan = plan_of(self.params).to_json()
        about = {"arch": self.params.arch, "network": plan, "preprocess": self.preprocess.to_json(), "epoch": epoch}
        checkpoint.save(self.run.weights_path, {"model": model, **about})

    def _calibrated_val(self, network: nn.Module) -> tuple[dict[str, Any], pd.DataFrame]:
        rows, logits = self.val_rows, self._val_logits(network, self.val_rows)
        table = predictions.table(self.frames["val"], rows, [self.val.sha256[r] for r in rows], logits)
        val = table.assign(calibration=self.choosing.calibration)
        frozen = operating_points.freeze(val[val["calibration"]], "calibration half of the validation rows")
        return frozen, self._with_calibrated(val, frozen)

    def _judged(self, network: nn.Module, split: str, frame: pd.DataFrame, frozen: dict[str, Any]) -> pd.DataFrame:
        tick = self.progress.reading(split, self.progress.total)
        table, problems = judge_manifest(network, frame, self.preprocess, self.device, self.pool, tick)
        self._skip(split, problems)
        return self._with_calibrated(table, frozen)

    def _cross_fit(self) -> list[pd.DataFrame]:
        if self.fold is None:
            return []
        frame, train, judge = self.frames["train"], self._fold_network, self._train_logits
        return list(predict.run(frame, self.rows, self.train, self.fold, self.run, train, judge, self.ranks))

    def _own_rows(
        self, network: nn.Module, frozen: dict[str, Any], folds: list[pd.DataFrame]
    ) -> dict[str, pd.DataFrame]:
        """The training rows: as the network itself sees them, and out of fold (with those no part learnt from)."""
        tables = {"train": self._with_calibrated(self._train_table(network, self.rows), frozen)}
        if folds:
            if len(self.choosing.aside):
                folds = [*folds, self._train_table(network, self.choosing.aside).assign(fold=HELD_OUT)]
            tables["oof"] = self._with_calibrated(pd.concat(folds, ignore_index=True), frozen)
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
        return judge_rows(network, self.train, rows, self.device)

    def _val_logits(self, network: nn.Module, rows: np.ndarray) -> np.ndarray:
        return judge_rows(network, self.val, rows, self.device)

    def _with_calibrated(self, table: pd.DataFrame, frozen: dict[str, Any]) -> pd.DataFrame:
        return predictions.calibrated(table, lambda logit: operating_points.probability(frozen, logit))

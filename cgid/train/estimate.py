"""Estimates how long a training will take before it starts: each kind of work is timed on this machine for some
seconds.

Real files of the manifests are decoded, real steps are trained through the run's own loader and loop, real images are
predicted and a fresh network is exported; `cgid.train.duration` multiplies. Only a temporary folder is written. Not
included: the start of the process (some seconds) and the intervals of the metrics (seconds on some thousand images).
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

import cgid.train.threads  # noqa: F401  (before torch)
from cgid.artifacts import ONNX_MODEL
from cgid.data import manifest
from cgid.errors import InputError
from cgid.imaging.image_file import ImageFile
from cgid.models.image_cache import CHUNK, Images, cache_budget, reader, shift_margin
from cgid.progress import Progress
from cgid.train import checkpoint, device, model_a, recipe
from cgid.train.duration import Span, UnitCosts, Work, duration, estimate_result, span
from cgid.train.export_onnx import metadata, write_onnx
from cgid.train.loader import PREFETCH
from cgid.train.loop import Training
from cgid.train.memory import largest_that_fits, out_of_memory
from cgid.train.parallel import resolve_processes
from cgid.train.params import EstimateTrainingParams
from cgid.train.predict import BATCH, predict_rows
from cgid.train.run_folder import identity_of

SECONDS = 6.0  # seconds of timing; twice as many where steps are slow
MIN_SAMPLES, MAX_SAMPLES = 3, 200  # pieces


class TimingComplete(Exception):
    """Ends a training from its `on_progress`: enough samples have been taken."""


class StepClock:
    """`on_progress` of a training. samples: (seconds, images) of `steps_per_sample` steps of `size` images, after
    warm-up.

    Warm-up: the batches prefetched before the first step are used up, or enough time has passed that they hardly count.
    finish: waits until the device has finished its work. now: a clock in seconds.
    """

    def __init__(
        self, size: int, steps_per_sample: int, finish: Callable[[], None], now: Callable[[], float] = time.perf_counter
    ) -> None:
        self.size, self.steps_per_sample, self.finish, self.now = size, steps_per_sample, finish, now
        self.samples: list[tuple[float, int]] = []
        self.started = self.since = now()
        self.from_step = 0  # the step that ended the previous sample; 0 during warm-up

    def on_progress(self, done: int, total: int = 0, speed: float = 0.0) -> None:
        """After every step; done: 1, 2, … Raises Enough."""
        if not self.from_step:
            if done < PREFETCH and self.now() - self.started < SECONDS:
                return
        elif done - self.from_step < self.steps_per_sample:
            return
        self.finish()
        now = self.now()
        if self.from_step:
            self.samples.append((now - self.since, (done - self.from_step) * self.size))
        else:
            self.started = now
        self.since, self.from_step = now, done
        spent = now - self.started
        if self.samples and spent > (SECONDS if len(self.samples) >= MIN_SAMPLES else 2 * SECONDS):
            raise TimingComplete


# isort: split


READ_SECONDS, JUDGE_SECONDS = 2.0, 2.0
STEPS_PER_SAMPLE = 4  # steps in one sample where the device runs asynchronously
MAX_CHUNKS = 8  # of the sample of files, at most
DEFAULT_THRESHOLDS = {"temperature": 1.0, "bias": 0.0, "thresholds": {}, "inconclusive": [0.5, 0.5]}


def estimate(params: EstimateTrainingParams, progress: Progress) -> dict[str, Any]:
    """Measure for 10 to 30 seconds; {"summary", "total", "parts", "images_per_second", "memory", "fits", …}.

    A batch that does not fit in memory is halved until it does, and that size is measured.
    Raises InputError: bad parameters or manifests, no readable image, not even one image fits in memory.
    """
    params = resolve_processes(params)
    model_a.check(params)
    identity_of(params)  # raises the errors of the run folder: missing manifests or weights
    frames = [manifest.read_examples(p) for p in _manifests(params)]
    manifest.require_files(_manifests(params), frames)
    target_device = device.pick(params.device)
    device.repeatable()
    with reader(params.workers) as pool, tempfile.TemporaryDirectory() as folder:
        return _TimingRun(params, frames, target_device, pool, Path(folder), progress).run()


def _manifests(params: EstimateTrainingParams) -> list[Path]:
    return [params.train_manifest, params.val_manifest, params.test_manifest, *params.external_manifest]


@dataclass
class _TimingRun:
    """One timing run. folder: temporary."""

    params: EstimateTrainingParams
    frames: list[Any]
    device: torch.device
    pool: Executor
    folder: Path
    progress: Progress

    def run(self) -> dict[str, Any]:
        params = self.params
        counts = [len(frame) for frame in self.frames]
        work = Work(counts[0], counts[1], counts[2], sum(counts[3:]), params.epochs, params.cross_fit)
        manifest.require_classes(params.train_manifest, self.frames[0]["target"].to_numpy(), both=True)
        self.preprocess = model_a.preprocess_of(params)
        self.progress(0, 4, "reading a sample of the images")
        read = self._time_reading()
        self.progress(1, 4, "timing some training steps")
        batch, train = self._time_training()
        self.progress(2, 4, "predicting some images")
        predict, save = self._time_prediction(), self._time_saving()
        peak_memory = device.peak_memory(self.device)
        self.progress(3, 4, "exporting a fresh network")
        export, export_problem = self._time_export()
        self.progress(4, 4, "measured")
        estimated = duration(work, UnitCosts(read, train, predict, save, export))
        cached = min(cache_budget(), (work.train * self.images.side**2 + work.val * params.image_size**2) * 3)
        memory = peak_memory + (0 if self.device.type == "cuda" else cached - self.images.cache.nbytes)
        return estimate_result(
            params, estimated, 1 / train.expected, batch, device.describe(self.device), memory, export_problem
        )

    def _time_reading(self) -> Span:
        """Decode files from all over the training manifest, as a run does at its start; keep the readable ones."""
        paths = self.frames[0]["path"].to_numpy()
        indices = np.unique(np.linspace(0, len(paths) - 1, min(len(paths), CHUNK * MAX_CHUNKS)).astype(int))
        indices = np.random.default_rng(0).permutation(indices)
        margin = shift_margin(self.preprocess)
        side = self.preprocess.image_size + margin
        # The same fraction of images is cached as in the run, so that steps wait for the disk as often.
        cached_fraction = min(1.0, cache_budget() / (len(paths) * side * side * 3))
        self.images = Images(
            paths[indices], self.preprocess, self.pool, margin, int(cached_fraction * len(indices)) * side * side * 3
        )
        self.label = self.frames[0]["target"].to_numpy()[indices]
        samples, rows = [], []
        started = since = time.perf_counter()
        for good, _ in self.images.read(lambda done, total: None):
            rows.append(good)
            now = time.perf_counter()
            samples.append((now - since, len(good)))
            since = now
            if now - started > READ_SECONDS:
                break
        if not rows:
            raise InputError(
                f"{self.params.train_manifest} has no image that can be read among {len(indices)} of its files."
            )
        self.rows = np.concatenate(rows)
        return span(samples)

    def _time_training(self) -> tuple[int, Span]:
        """(batch size that fits, seconds an image) from real steps after a warm-up."""
        samples: list[tuple[float, int]] = []

        def fits(size: int) -> bool:
            try:
                samples[:] = self._steps(size)
            except (MemoryError, RuntimeError) as error:
                if device.memory_owner(error) is None:
                    raise
            else:
                return True
            del self.training  # only here, where the error no longer holds on to its tensors
            torch.cuda.empty_cache()
            return False

        batch = largest_that_fits(self.params.batch_size, fits)
        if not batch:
            whose = "The graphics card's" if self.device.type == "cuda" else "The"
            raise out_of_memory(whose, 1, self.params.image_size)
        return batch, span(samples)

    def _steps(self, batch_size: int) -> list[tuple[float, int]]:
        """(seconds, images) of each timed step, or of several in a row where the device runs asynchronously."""
        # Batches of a run are even: 100 images in steps of 32 are four steps of 25.
        size = round(len(self.frames[0]) / -(-len(self.frames[0]) // batch_size))
        rows = np.resize(self.rows, size * (PREFETCH + MAX_SAMPLES))
        config = replace(recipe.training_config(self.params, self.params.seed), batch_size=size, balance=False)
        clock = StepClock(size, STEPS_PER_SAMPLE if self.device.type == "cuda" else 1, self._finish)
        self.training = Training(
            self._network(),
            self.images,
            rows,
            self.label,
            config,
            self.device,
            self.folder / "none.pt",
            clock.on_progress,
        )
        self.training.stop = lambda history: bool(history)
        with contextlib.suppress(TimingComplete):
            self.training.run()
        return clock.samples

    def _finish(self) -> None:
        """Wait until the device has finished its queued work."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)

    def _network(self) -> nn.Module:
        torch.manual_seed(self.params.seed)
        network = model_a.network_spec_of(self.params).build(imagenet=False)  # as fast without a download
        if self.params.weights not in ("none", "imagenet"):
            checkpoint.start_from(network, Path(self.params.weights))
        return network

    def _time_prediction(self) -> Span:
        """Seconds per image, in batches as the run predicts them."""
        network = self.training.network
        samples: list[tuple[float, int]] = []
        rows = np.resize(self.rows, BATCH)
        predict_rows(network, self.images, rows, self.device)
        started = time.perf_counter()
        while not samples or (time.perf_counter() - started < JUDGE_SECONDS and len(samples) < MAX_SAMPLES):
            since = time.perf_counter()
            predict_rows(network, self.images, rows, self.device)
            samples.append((time.perf_counter() - since, len(rows)))
        return span(samples)

    def _time_saving(self) -> Span:
        started = time.perf_counter()
        state = {"model": self.training.network.state_dict(), "optimiser": self.training.optimiser.state_dict()}
        checkpoint.save(self.folder / "checkpoint.pt", state)
        return span([(time.perf_counter() - started, 1)])

    def _time_export(self) -> tuple[Span, str]:
        """(seconds, why it would fail or ""): one whole export, since no part of it is representative."""
        about = metadata("estimate", model_a.network_spec_of(self.params), self.preprocess, DEFAULT_THRESHOLDS)
        images = [ImageFile.open(Path(self.images.paths[row])).rgb for row in self.rows[:BATCH]]
        started = time.perf_counter()
        try:
            write_onnx(self.training.network, self.preprocess, self.folder / ONNX_MODEL, images, about)
            export_problem = ""
        except InputError as error:
            export_problem = str(error)
        return span([(time.perf_counter() - started, 1)]), export_problem

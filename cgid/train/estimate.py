"""Says how long a training will take before it starts: each of its pieces is measured on this machine for some seconds.

Real files of the manifests are decoded, real steps are trained through the run's own loader and loop, real images are
judged and a fresh network is exported; cgid.train.duration multiplies. Nothing is written but into a temporary folder.
Not in it: the start of the process (some seconds) and the intervals of the figures (seconds on some thousand images).

Times the steps of a training that is only there to be timed, and ends it when enough of them are.
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
from cgid.progress import Report
from cgid.train import checkpoint, device, model_a, recipe
from cgid.train.duration import Measured, Span, Work, answer, duration, span
from cgid.train.export_onnx import metadata, write_onnx
from cgid.train.loader import AHEAD
from cgid.train.loop import Training
from cgid.train.memory import largest_that_fits, out_of_memory
from cgid.train.parallel import settled
from cgid.train.params import EstimateTrainingParams
from cgid.train.predict import BATCH, judge_rows
from cgid.train.run_folder import identity_of

SECONDS = 6.0  # that are measured; twice as many where steps are slow
FEWEST, MOST = 3, 200  # pieces


class Enough(Exception):
    """Ends a training from its tick: measured for long enough."""


class StepClock:
    """`tick` for a training. pieces: (seconds, images) of `together` steps of `size` images each, once it is warm.

    Warm: the batches made ready before the first step are used up, or so much time has passed that they hardly count.
    finish: waits until the device has done what it was told to. now: a clock in seconds.
    """

    def __init__(
        self, size: int, together: int, finish: Callable[[], None], now: Callable[[], float] = time.perf_counter
    ) -> None:
        self.size, self.together, self.finish, self.now = size, together, finish, now
        self.pieces: list[tuple[float, int]] = []
        self.begun = self.since = now()
        self.from_step = 0  # the step that ended the piece before; 0 while it is not warm

    def tick(self, done: int, total: int = 0, speed: float = 0.0) -> None:
        """After every step; done: 1, 2, … Raises Enough."""
        if not self.from_step:
            if done < AHEAD and self.now() - self.begun < SECONDS:
                return
        elif done - self.from_step < self.together:
            return
        self.finish()
        now = self.now()
        if self.from_step:
            self.pieces.append((now - self.since, (done - self.from_step) * self.size))
        else:
            self.begun = now
        self.since, self.from_step = now, done
        spent = now - self.begun
        if self.pieces and spent > (SECONDS if len(self.pieces) >= FEWEST else 2 * SECONDS):
            raise Enough


# isort: split


READ_SECONDS, JUDGE_SECONDS = 2.0, 2.0
TOGETHER = 4  # steps in one piece where the device answers late
CHUNKS = 8  # of the sample of files, at most
UNTUNED = {"temperature": 1.0, "bias": 0.0, "thresholds": {}, "inconclusive": [0.5, 0.5]}


def estimate(params: EstimateTrainingParams, report: Report) -> dict[str, Any]:
    """Measure for 10 to 30 seconds; {"summary", "total", "parts", "images_per_second", "memory", "fits", …}.

    A batch that does not fit in memory is answered by the largest that does, by halving, and measured with that one.
    Raises InputError: bad parameters or manifests, nothing that can be read, not even one image fits.
    """
    params = settled(params)
    model_a.check(params)
    identity_of(params)  # refuses what the run folder would: manifests or weights that are not there
    frames = [manifest.read_examples(p) for p in _manifests(params)]
    manifest.require_files(_manifests(params), frames)
    chosen = device.pick(params.device)
    device.repeatable()
    with reader(params.workers) as pool, tempfile.TemporaryDirectory() as folder:
        return _Trial(params, frames, chosen, pool, Path(folder), report).run()


def _manifests(params: EstimateTrainingParams) -> list[Path]:
    return [params.train_manifest, params.val_manifest, params.test_manifest, *params.external_manifest]


@dataclass
class _Trial:
    """One measuring. folder: temporary."""

    params: EstimateTrainingParams
    frames: list[Any]
    device: torch.device
    pool: Executor
    folder: Path
    report: Report

    def run(self) -> dict[str, Any]:
        params = self.params
        counts = [len(frame) for frame in self.frames]
        work = Work(*counts[:3], sum(counts[3:]), params.epochs, params.cross_fit)
        manifest.require_classes(params.train_manifest, self.frames[0]["target"].to_numpy(), both=True)
        self.preprocess = model_a.preprocess_of(params)
        self.report(0, 4, "reading a sample of the images")
        read = self._read()
        self.report(1, 4, "trying some steps")
        batch, learn = self._learn()
        self.report(2, 4, "judging some images")
        judge, save = self._judge(), self._save()
        held = device.bytes_held(self.device)
        self.report(3, 4, "exporting a fresh network")
        export, trouble = self._export()
        self.report(4, 4, "measured")
        found = duration(work, Measured(read, learn, judge, save, export))
        cached = min(cache_budget(), (work.train * self.images.side**2 + work.val * params.image_size**2) * 3)
        memory = held + (0 if self.device.type == "cuda" else cached - self.images.cache.nbytes)
        return answer(params, found, 1 / learn.expected, batch, device.describe(self.device), memory, trouble)

    def _read(self) -> Span:
        """Decode files from all over the training manifest, as a run's beginning does; the readable ones stay."""
        paths = self.frames[0]["path"].to_numpy()
        places = np.unique(np.linspace(0, len(paths) - 1, min(len(paths), CHUNK * CHUNKS)).astype(int))
        places = np.random.default_rng(0).permutation(places)
        margin = shift_margin(self.preprocess)
        side = self.preprocess.image_size + margin
        # The same share of images is in memory as in the run, so that steps wait for the disk as often.
        kept = min(1.0, cache_budget() / (len(paths) * side * side * 3))
        self.images = Images(
            paths[places], self.preprocess, self.pool, margin, int(kept * len(places)) * side * side * 3
        )
        self.label = self.frames[0]["target"].to_numpy()[places]
        pieces, rows = [], []
        begun = since = time.perf_counter()
        for good, _ in self.images.read(lambda done, total: None):
            rows.append(good)
            now = time.perf_counter()
            pieces.append((now - since, len(good)))
            since = now
            if now - begun > READ_SECONDS:
                break
        if not rows:
            raise InputError(
                f"{self.params.train_manifest} has no image that can be read among {len(places)} of its files."
            )
        self.rows = np.concatenate(rows)
        return span(pieces)

    def _learn(self) -> tuple[int, Span]:
        """(batch size that fits, seconds an image) from real steps after a warm-up."""
        found: list[tuple[float, int]] = []

        def fits(size: int) -> bool:
            try:
                found[:] = self._steps(size)
            except (MemoryError, RuntimeError) as error:
                if device.whose_memory(error) is None:
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
        return batch, span(found)

    def _steps(self, batch_size: int) -> list[tuple[float, int]]:
        """(seconds, images) of each measured step, or of several in a row where the device answers late."""
        # Batches of a run are even: 100 images in steps of 32 are four steps of 25.
        size = round(len(self.frames[0]) / -(-len(self.frames[0]) // batch_size))
        rows = np.resize(self.rows, size * (AHEAD + MOST))
        how = replace(recipe.recipe_of(self.params, self.params.seed), batch_size=size, balance=False)
        clock = StepClock(size, TOGETHER if self.device.type == "cuda" else 1, self._finish)
        self.training = Training(
            self._network(), self.images, rows, self.label, how, self.device, self.folder / "none.pt", clock.tick
        )
        self.training.stop = lambda history: bool(history)
        with contextlib.suppress(Enough):
            self.training.run()
        return clock.pieces

    def _finish(self) -> None:
        """Wait for what the device was told to do."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)

    def _network(self) -> nn.Module:
        torch.manual_seed(self.params.seed)
        network = model_a.plan_of(self.params).build(imagenet=False)  # as fast without a download
        if self.params.weights not in ("none", "imagenet"):
            checkpoint.start_from(network, Path(self.params.weights))
        return network

    def _judge(self) -> Span:
        """Seconds an image from batches as the run judges them."""
        network, pieces = self.training.network, []
        rows = np.resize(self.rows, BATCH)
        judge_rows(network, self.images, rows, self.device)
        begun = time.perf_counter()
        while not pieces or (time.perf_counter() - begun < JUDGE_SECONDS and len(pieces) < MOST):
            since = time.perf_counter()
            judge_rows(network, self.images, rows, self.device)
            pieces.append((time.perf_counter() - since, len(rows)))
        return span(pieces)

    def _save(self) -> Span:
        begun = time.perf_counter()
        parts = {"model": self.training.network.state_dict(), "optimiser": self.training.optimiser.state_dict()}
        checkpoint.save(self.folder / "checkpoint.pt", parts)
        return span([(time.perf_counter() - begun, 1)])

    def _export(self) -> tuple[Span, str]:
        """(seconds, why it would fail or nothing): one whole export, since no piece of it stands for the rest."""
        about = metadata("estimate", model_a.plan_of(self.params), self.preprocess, UNTUNED)
        some = [ImageFile.open(Path(self.images.paths[row])).rgb for row in self.rows[:BATCH]]
        begun = time.perf_counter()
        try:
            write_onnx(self.training.network, self.preprocess, self.folder / ONNX_MODEL, some, about)
            trouble = ""
        except InputError as error:
            trouble = str(error)
        return span([(time.perf_counter() - begun, 1)]), trouble

"""The training loop of one network, resumable at any step with the same result."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from cgid.errors import InputError
from cgid.models.image_cache import Images
from cgid.models.preprocess import Preprocess
from cgid.settings import settings
from cgid.train import checkpoint
from cgid.train.augment import preset
from cgid.train.device import precision
from cgid.train.loader import MAX_COPIES, SampledAugmentation, augment_batch, balanced_epoch, batches, prefetch
from cgid.train.parallel import SINGLE_PROCESS, Ranks
from cgid.train.progress import Trace
from cgid.train.recipe import TrainingConfig

SAVE_SECONDS = 20.0  # between step-level checkpoints, more where saving is slow
SAVE_SHARE = 20  # a checkpoint may take at most a twentieth of the time
WARM_UP = 0.1  # share of the steps in which the learning rate rises
WEIGHT_DECAY = 0.01


@dataclass
class Training:
    """State of one training. rows: of `images`, those to train on. label: float 0/1 per row of `images`.

    after_epoch: called with the network and the entry of the history it may add to, before the checkpoint is written.
    on_progress: called with (steps done, steps in all, images/s) after every step. stop: whether this history is long
    enough.
    watch: called every few seconds, when the trace has a new point.
    ranks: the processes that train it together; only the first one calls `after_epoch` and `stop`, and only it writes
    `file`.
    """

    network: nn.Module
    images: Images
    rows: np.ndarray
    label: np.ndarray
    recipe: TrainingConfig
    device: torch.device
    file: Path
    on_progress: Callable[[int, int, float], None]
    after_epoch: Callable[[nn.Module, dict[str, Any]], None] = lambda network, entry: None
    stop: Callable[[list[dict[str, Any]]], bool] = lambda history: False
    watch: Callable[[], None] = lambda: None
    history: list[dict[str, Any]] = field(default_factory=list)
    ranks: Ranks = SINGLE_PROCESS

    def __post_init__(self) -> None:
        self.network.to(self.device, memory_format=torch.channels_last)
        self.steps = len(batches(self.rows, self.recipe.batch_size, 0, 0))
        self.ranks.require_images(len(self.rows), self.steps)
        self.network, self.shared = self.ranks.wrap(self.network, self.device)
        self.total = self.steps * self.recipe.epochs
        self.optimiser = torch.optim.AdamW(self.network.parameters(), lr=self.recipe.lr, weight_decay=WEIGHT_DECAY)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimiser, self._rate)
        self.half = precision(self.device)
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=self.half is torch.float16)
        self.epoch = self.step = 0
        self.loss_sum, self.seen, self.seconds = 0.0, 0, 0.0
        self.saved, self.save_cost = time.monotonic(), 0.0
        self.trace = Trace()

    def run(self) -> list[dict[str, Any]]:
        """Train from the state in `file` to the last epoch; the history, one entry per epoch.

        Raises InputError: a checkpoint of another training, a loss that is not finite, steps too small for the network.
        """
        if self.ranks.broadcast(self.file.exists()):
            self._restore(checkpoint.load(self.file))
        while not self.ranks.broadcast(self.ranks.first and self._over()):
            self._epoch()
        return self.history

    def _over(self) -> bool:
        return self.epoch >= self.recipe.epochs or self.stop(self.history)

    def _epoch(self) -> None:
        with ThreadPoolExecutor(settings().workers, thread_name_prefix="augment") as executor:
            self._steps_of(executor)
        self._close_epoch()

    def _steps_of(self, executor: Executor) -> None:
        epoch_batches, augmentation = self._plan()
        self.network.train()
        started, before, seen_before = time.monotonic(), self.seconds, self.seen
        loss_sum = torch.zeros((), dtype=torch.float64, device=self.device)
        self.trace.begin_epoch(self.loss_sum, self.seen)
        for rows, pixels in prefetch(
            lambda rows: self._ready(self.ranks.shard(rows), augmentation, executor), epoch_batches[self.step :]
        ):
            loss_sum += self.ranks.total(self._train_step(pixels, rows))
            self.step, self.seen = self.step + 1, self.seen + len(rows)
            self.seconds = before + time.monotonic() - started
            speed = (self.seen - seen_before) / max(self.seconds - before, 1e-9)
            self.on_progress(self._done(), self.total, speed)
            if self.ranks.first and self.trace.is_due(sum(h["seconds"] for h in self.history) + self.seconds):
                read_at, so_far, lr = self.trace.now(), self.loss_sum + float(loss_sum), self.schedule.get_last_lr()[0]
                self.trace.add(self._done() / self.steps, so_far, self.seen, lr, speed)
                self.watch()
                self.trace.mark_read(read_at)
            if self.step < self.steps and self.ranks.first and self._save_is_due():
                self._add(loss_sum)
                self._save()
        self._add(loss_sum)

    def _add(self, loss_sum: torch.Tensor) -> None:
        """Add the losses of the epoch so far before saving; where they are not finite, the last checkpoint stays."""
        self.loss_sum += float(loss_sum)
        loss_sum.zero_()
        if not math.isfinite(self.loss_sum):
            raise self._diverged()

    def _diverged(self) -> InputError:
        return InputError(
            f"The loss is no longer a number in epoch {self.epoch + 1}; use a lower --lr than {self.recipe.lr:g}."
        )

    def _plan(self) -> tuple[list[np.ndarray], SampledAugmentation]:
        """This epoch's batches of samples and their augmentation; labels decide only how often a row comes."""
        config, n = self.recipe, len(self.images.paths)
        samples, copies = self.rows, 1
        if config.balance:
            samples, copies = balanced_epoch(self.rows, self.label, n, config.seed, self.epoch), MAX_COPIES
        crops, jpeg_fraction = self.images.preprocess.fit == "crop", config.jpeg_share
        augmentation = SampledAugmentation.of(
            n * copies, crops, jpeg_fraction, config.seed, self.epoch, preset(config.augment)
        )
        return batches(samples, config.batch_size, config.seed, self.epoch), augmentation

    def _close_epoch(self) -> None:
        entry = {
            "epoch": self.epoch + 1,
            "train_loss": self.loss_sum / max(self.seen, 1),
            "lr": self.schedule.get_last_lr()[0],
            "seconds": self.seconds,
            "images_per_second": self.seen / max(self.seconds, 1e-9),
        }
        self.ranks.broadcast_buffers(self.network)
        if not all(v.isfinite().all() for v in self.network.state_dict().values()):
            raise self._diverged()
        if self.ranks.first:
            self.after_epoch(self.network, entry)
        self.history.append(entry)
        self.epoch, self.step, self.loss_sum, self.seen, self.seconds = self.epoch + 1, 0, 0.0, 0, 0.0
        if self.ranks.first:
            self._save()

    def _train_step(self, pixels: torch.Tensor, rows: np.ndarray) -> torch.Tensor:
        """Sum of the losses of this process's part of a batch of rows. pixels: of that part."""
        part = self.ranks.shard(rows)
        smoothing, label = self.recipe.label_smoothing, self.label[part % len(self.images.paths)]
        self.ranks.reseed(self.recipe.seed, self._done())
        target = torch.from_numpy((label * (1 - smoothing) + smoothing / 2).astype(np.float32)).to(self.device)
        batch = to_input(pixels.to(self.device, non_blocking=True), self.images.preprocess)
        with torch.autocast(self.device.type, self.half, enabled=self.half is not None):
            logit = self._forward(batch)
        loss = nn.functional.binary_cross_entropy_with_logits(logit.float().reshape(-1), target)
        self.optimiser.zero_grad(set_to_none=True)
        self.scaler.scale(loss * self.ranks.loss_weight(part, rows)).backward()
        self.scaler.step(self.optimiser)
        self.scaler.update()
        self.schedule.step()
        return loss.detach().double() * len(part)

    def _forward(self, batch: torch.Tensor) -> torch.Tensor:
        try:
            return self.shared(batch)
        except ValueError as error:
            if len(batch) > 1 or "more than 1 value per channel" not in str(error):
                raise
            raise InputError(
                "A step of one image is too little for this network's batch normalisation; "
                f"use more training images, or a larger --batch-size than {self.recipe.batch_size}."
            ) from error

    def _ready(self, rows: np.ndarray, augmentation: SampledAugmentation, executor: Executor) -> torch.Tensor:
        pixels = torch.from_numpy(augment_batch(self.images, rows, augmentation, executor))
        return pixels.pin_memory() if self.device.type == "cuda" else pixels

    def _rate(self, step: int) -> float:
        """Linear warm-up, then cosine decay to zero; fraction of the peak."""
        rise = max(1, round(self.total * WARM_UP))
        if step < rise:
            return (step + 1) / rise
        return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, self.total - rise)))

    def _done(self) -> int:
        return self.epoch * self.steps + self.step

    def _save_is_due(self) -> bool:
        return time.monotonic() - self.saved >= max(SAVE_SECONDS, SAVE_SHARE * self.save_cost)

    def _save(self) -> None:
        started = time.monotonic()
        modules = {
            "model": self.network,
            "optimiser": self.optimiser,
            "scheduler": self.schedule,
            "scaler": self.scaler,
        }
        names = ("epoch", "step", "loss_sum", "seen", "seconds", "history")
        state = {k: v.state_dict() for k, v in modules.items()} | {k: getattr(self, k) for k in names}
        checkpoint.save(self.file, state | {"points": self.trace.points, "random": checkpoint.random_state()})
        self.saved = time.monotonic()
        self.save_cost = self.saved - started

    def _restore(self, state: dict[str, Any]) -> None:
        modules = {
            "model": self.network,
            "optimiser": self.optimiser,
            "scheduler": self.schedule,
            "scaler": self.scaler,
        }
        try:
            for key, part in modules.items():
                part.load_state_dict(state[key])
            for key in ("epoch", "step", "loss_sum", "seen", "seconds", "history"):
                setattr(self, key, state[key])
            self.trace = Trace(state.get("points"))
            checkpoint.restore_random_state(state["random"])
        except (KeyError, RuntimeError, ValueError, TypeError, AttributeError, IndexError) as error:
            raise InputError(f"{self.file} does not belong to this training; remove it to start again.") from error


def to_input(pixels: torch.Tensor, preprocess: Preprocess) -> torch.Tensor:
    """uint8 (n, S, S, 3) to normalised float32 (n, 3, S, S) in channels-last memory, on the pixels' device."""
    scale, offset = (torch.from_numpy(v).to(pixels.device) for v in preprocess.scale_offset())
    return (pixels.float() * scale + offset).permute(0, 3, 1, 2)


def predict(network: nn.Module, inputs: np.ndarray, preprocess: Preprocess, device: torch.device) -> np.ndarray:
    """uint8 (n, S, S, 3) to raw logits, float64 (n,): float32 arithmetic, inference's own preprocessing.

    Raises InputError where an output is not finite, because the weights have diverged.
    """
    batch = torch.from_numpy(preprocess.normalise(inputs)).to(device, memory_format=torch.channels_last)
    with torch.inference_mode():
        logit = network(batch).reshape(-1).double().cpu().numpy()
    if not np.isfinite(logit).all():
        raise InputError("The network's outputs are not finite any more; train with a lower --lr.")
    return logit

"""Several processes train one network: DistributedDataParallel over the parts of every batch.

The batches of an epoch and what is drawn for each image stay as they are for one process; each batch is shared out, and
a part counts by how many images it has, so that the averaged gradient is that of the whole batch. What the processes
have in common they hear from the first one, the only one that judges, decides and writes.

Results do depend on how many there are: sums are taken in another order, dropout draws anew in each, and batch
normalisation sees other images. On CUDA it uses the whole batch (SyncBatchNorm); on the processor, where torch has
none, each process uses its own part, and the running figures are the first one's.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from torch import nn

from cgid.errors import InputError
from cgid.models.image_cache import Images
from cgid.settings import settings
from cgid.train.launch_ranks import RENDEZVOUS, RankLost
from cgid.train.params import TrainModelAParams

# Only the death of a process ends a wait: the first one may judge for as long as it takes.
PATIENCE = timedelta(days=7)
LOOPBACK = {"linux": "lo", "darwin": "lo0"}


@dataclass(frozen=True, slots=True)
class Ranks:
    """rank: of this process among `size`, 0 = the first. words: group for Python objects, always of the processor."""

    rank: int = 0
    size: int = 1
    words: Any = None

    @property
    def first(self) -> bool:
        return self.rank == 0

    def wrap(self, network: nn.Module, device: torch.device) -> tuple[nn.Module, nn.Module]:
        """(the network with whole-batch statistics where there are some, what steps go through); its weights on all
        processes become the first one's."""
        if self.size == 1:
            return network, network
        if device.type == "cuda":
            network = nn.SyncBatchNorm.convert_sync_batchnorm(network)
        ids = [device.index] if device.type == "cuda" else None
        return network, nn.parallel.DistributedDataParallel(network, device_ids=ids)

    def part(self, rows: np.ndarray) -> np.ndarray:
        """This process's share of a batch."""
        return np.array_split(rows, self.size)[self.rank] if self.size > 1 else rows

    def share(self, part: np.ndarray, rows: np.ndarray) -> float:
        """Factor of the part's mean loss: gradients are averaged over processes, and parts differ in size."""
        return self.size * len(part) / len(rows)

    def require_images(self, rows: int, steps: int) -> None:
        """Raises InputError where some step has fewer images than there are processes."""
        if rows // steps < self.size:
            raise InputError(
                f"A step of {rows // steps} images cannot be shared out among {self.size} processes; "
                "use fewer --processes or a larger --batch-size."
            )

    def total(self, value: torch.Tensor) -> torch.Tensor:
        """Sum over the processes."""
        if self.size > 1:
            dist.all_reduce(value)
        return value

    def draw_anew(self, seed: int, step: int) -> None:
        """What dropout draws in a step follows from seed, step and process alone, so that no state need be kept."""
        if self.size > 1:
            torch.manual_seed(int(np.random.SeedSequence([seed, step, self.rank, 5]).generate_state(1)[0]))

    def same_buffers(self, network: nn.Module) -> None:
        """Running figures of the first process on all."""
        if self.size > 1:
            for buffer in network.buffers():
                dist.broadcast(buffer, 0)

    def told(self, value: Any) -> Any:
        """The first process's value, a plain Python object."""
        if self.size == 1:
            return value
        held = [value]
        dist.broadcast_object_list(held, 0, group=self.words)
        return held[0]

    def fill(self, images: Images, tick: Callable[[int, int], None]) -> np.ndarray:
        """The rows that can be used; each process has read its share of the files and knows about all."""
        if self.size == 1:
            return images.fill(tick)
        images.fill(tick, (self.rank, self.size))
        found: list[Any] = [None] * self.size
        dist.all_gather_object(found, images.known(), group=self.words)
        for known in found:
            images.learn(*known)
        return np.array([row for row, digest in enumerate(images.sha256) if digest], dtype=int)

    def leave(self) -> None:
        """Together: nothing is shared any more. What follows is the first one's work; the others end with SystemExit."""
        if self.size > 1:
            dist.barrier(group=self.words)
            dist.destroy_process_group()
        if not self.first:
            raise SystemExit(0)


ALONE = Ranks()


def started_by_others() -> bool:
    """Whether this process is one of several already: torchrun's, or of `ranks_start`."""
    return int(os.environ.get("WORLD_SIZE", 1)) > 1 and "RANK" in os.environ


def settled(params: TrainModelAParams) -> TrainModelAParams:
    """`--processes` as a number, which belongs to the run. Raises InputError where it does not fit device or torchrun."""
    if params.processes < 0:
        raise InputError(f"--processes must be 0 (one for each CUDA device) or more, not {params.processes}.")
    cuda = params.device != "cpu" and torch.cuda.is_available()
    count = params.processes or (max(1, torch.cuda.device_count()) if cuda else 1)
    if started_by_others():
        there = int(os.environ["WORLD_SIZE"])
        if params.processes not in (0, 1, there):
            raise InputError(
                f"--processes {params.processes} was asked for, but torchrun started {there}; leave it out."
            )
        count, here = there, int(os.environ.get("LOCAL_WORLD_SIZE", there))
    else:
        here = count
    if count > 1 and params.device.startswith("cuda:"):
        raise InputError(f"--device {params.device} is one device; use --device cuda with several --processes.")
    if count > 1 and cuda and here > torch.cuda.device_count():
        raise InputError(
            f"--processes {here} needs as many CUDA devices, and there are {torch.cuda.device_count()}; "
            "use --processes 0 (one for each) or --device cpu."
        )
    return replace(params, processes=count)


@contextlib.contextmanager
def joined(params: TrainModelAParams) -> Iterator[tuple[Ranks, str]]:
    """(the processes of this training, this one's --device). Raises RankLost where another one dies in between."""
    if not started_by_others():
        yield ALONE, params.device
        return
    rank, size, local = (int(os.environ[k]) for k in ("RANK", "WORLD_SIZE", "LOCAL_RANK"))
    cuda = params.device != "cpu" and torch.cuda.is_available()
    here = int(os.environ.get("LOCAL_WORLD_SIZE", size))
    os.environ["CGID_WORKERS"] = str(max(1, settings().workers // here))  # processors are shared out as well
    if RENDEZVOUS in os.environ and sys.platform in LOOPBACK:
        for name in ("GLOO_SOCKET_IFNAME", "NCCL_SOCKET_IFNAME"):
            os.environ[name] = LOOPBACK[sys.platform]
    try:
        where = {"store": dist.FileStore(os.environ[RENDEZVOUS], size)} if RENDEZVOUS in os.environ else {}
        if cuda:
            torch.cuda.set_device(local)
        dist.init_process_group("nccl" if cuda else "gloo", rank=rank, world_size=size, timeout=PATIENCE, **where)
        words = dist.new_group(backend="gloo", timeout=PATIENCE)
        yield Ranks(rank, size, words), f"cuda:{local}" if cuda else params.device
    except RuntimeError as error:
        if not isinstance(error, dist.DistError) and "gloo" not in str(error):
            raise
        raise RankLost(
            "Another process of this training came to its end, so this one stops too; what was saved stays."
        ) from error
    finally:
        if dist.is_initialized():
            dist.destroy_process_group()

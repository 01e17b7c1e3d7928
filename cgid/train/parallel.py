"""Data-parallel training: several processes train one network by DistributedDataParallel over shards of every batch.

The batches of an epoch and their augmentation are those of a single process; each batch is divided into shards, and a
shard is weighted by its number of images, so that the averaged gradient is that of the whole batch. Shared values come
from the first process, the only one that evaluates, decides and writes.

Results do depend on the number of processes: sums are taken in another order, dropout is sampled per process, and batch
normalisation sees other images. On CUDA it uses the whole batch (SyncBatchNorm); on the CPU, where torch has none, each
process uses its own shard, and the running statistics are those of the first one.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

import numpy as np
import torch
import torch.distributed as dist
from torch import nn

from cgid.errors import InputError
from cgid.models.image_cache import Images
from cgid.settings import settings
from cgid.train.launch_ranks import RENDEZVOUS, RankLost
from cgid.train.params import TrainModelAParams

# Only the death of a process ends a wait: the first one may evaluate for as long as it takes.
PATIENCE = timedelta(days=7)
LOOPBACK = {"linux": "lo", "darwin": "lo0"}

TrainingParams = TypeVar("TrainingParams", bound=TrainModelAParams)


@dataclass(frozen=True, slots=True)
class Ranks:
    """rank: of this process among `size`, 0 = the first. cpu_group: group for Python objects, always of the
    processor."""

    rank: int = 0
    size: int = 1
    cpu_group: Any = None

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

    def shard(self, rows: np.ndarray) -> np.ndarray:
        """This process's shard of a batch."""
        return np.array_split(rows, self.size)[self.rank] if self.size > 1 else rows

    def loss_weight(self, part: np.ndarray, rows: np.ndarray) -> float:
        """Factor of the shard's mean loss: gradients are averaged over processes, and shards differ in size."""
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

    def reseed(self, seed: int, step: int) -> None:
        """Seed dropout from seed, step and process alone, so that no random state has to be stored."""
        if self.size > 1:
            torch.manual_seed(int(np.random.SeedSequence([seed, step, self.rank, 5]).generate_state(1)[0]))

    def broadcast_buffers(self, network: nn.Module) -> None:
        """Copy the running statistics of the first process to all."""
        if self.size > 1:
            for buffer in network.buffers():
                dist.broadcast(buffer, 0)

    def broadcast(self, value: Any) -> Any:
        """The first process's value, a plain Python object."""
        if self.size == 1:
            return value
        values = [value]
        dist.broadcast_object_list(values, 0, group=self.cpu_group)
        return values[0]

    def fill(self, images: Images, tick: Callable[[int, int], None]) -> np.ndarray:
        """The usable rows; each process reads its share of the files and learns of the others' results."""
        if self.size == 1:
            return images.fill(tick)
        images.fill(tick, (self.rank, self.size))
        gathered: list[Any] = [None] * self.size
        dist.all_gather_object(gathered, images.known(), group=self.cpu_group)
        for known in gathered:
            images.add_known(*known)
        return np.array([row for row, digest in enumerate(images.sha256) if digest], dtype=int)

    def leave(self) -> None:
        """End the process group. The first process goes on alone; the others end with SystemExit."""
        if self.size > 1:
            dist.barrier(group=self.cpu_group)
            dist.destroy_process_group()
        if not self.first:
            raise SystemExit(0)


SINGLE_PROCESS = Ranks()


def is_launched() -> bool:
    """Whether this process is one of several already, started by torchrun or `launch_ranks`."""
    return int(os.environ.get("WORLD_SIZE", 1)) > 1 and "RANK" in os.environ


def resolve_processes(params: TrainingParams) -> TrainingParams:
    """`--processes` as a number, which belongs to the run. Raises InputError where it does not fit device or
    torchrun."""
    if params.processes < 0:
        raise InputError(f"--processes must be 0 (one for each CUDA device) or more, not {params.processes}.")
    cuda = params.device != "cpu" and torch.cuda.is_available()
    count = params.processes or (max(1, torch.cuda.device_count()) if cuda else 1)
    if is_launched():
        launched = int(os.environ["WORLD_SIZE"])
        if params.processes not in (0, 1, launched):
            raise InputError(
                f"--processes {params.processes} was asked for, but torchrun started {launched}; leave it out."
            )
        count, local_count = launched, int(os.environ.get("LOCAL_WORLD_SIZE", launched))
    else:
        local_count = count
    if count > 1 and params.device.startswith("cuda:"):
        raise InputError(f"--device {params.device} is one device; use --device cuda with several --processes.")
    if count > 1 and cuda and local_count > torch.cuda.device_count():
        raise InputError(
            f"--processes {local_count} needs as many CUDA devices, and there are {torch.cuda.device_count()}; "
            "use --processes 0 (one for each) or --device cpu."
        )
    return replace(params, processes=count)


@contextlib.contextmanager
def init_process_group(params: TrainModelAParams) -> Iterator[tuple[Ranks, str]]:
    """(the processes of this training, this one's --device). Raises RankLost where another one dies in between."""
    if not is_launched():
        yield SINGLE_PROCESS, params.device
        return
    rank, size, local = (int(os.environ[k]) for k in ("RANK", "WORLD_SIZE", "LOCAL_RANK"))
    cuda = params.device != "cpu" and torch.cuda.is_available()
    local_count = int(os.environ.get("LOCAL_WORLD_SIZE", size))
    os.environ["CGID_WORKERS"] = str(max(1, settings().workers // local_count))  # processors are shared out as well
    if RENDEZVOUS in os.environ and sys.platform in LOOPBACK:
        for name in ("GLOO_SOCKET_IFNAME", "NCCL_SOCKET_IFNAME"):
            os.environ[name] = LOOPBACK[sys.platform]
    try:
        rendezvous = {"store": dist.FileStore(os.environ[RENDEZVOUS], size)} if RENDEZVOUS in os.environ else {}
        if cuda:
            torch.cuda.set_device(local)
        dist.init_process_group("nccl" if cuda else "gloo", rank=rank, world_size=size, timeout=PATIENCE, **rendezvous)
        cpu_group = dist.new_group(backend="gloo", timeout=PATIENCE)
        yield Ranks(rank, size, cpu_group), f"cuda:{local}" if cuda else params.device
    except RuntimeError as error:
        if not isinstance(error, dist.DistError) and "gloo" not in str(error):
            raise
        raise RankLost(
            "Another process of this training ended, so this one stops too; what was saved stays."
        ) from error
    finally:
        if dist.is_initialized():
            dist.destroy_process_group()

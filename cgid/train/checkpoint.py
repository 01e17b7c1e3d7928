"""Checkpoints and weights files: written atomically, and read as tensors only, never as code."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import torch
from torch import nn

from cgid.errors import InputError
from cgid.files import atomic


def save(path: Path, content: dict[str, Any]) -> None:
    """Tensors and plain values, by atomic rename."""
    with atomic(path) as temporary:
        torch.save(content, temporary)


def load(path: Path) -> dict[str, Any]:
    """The content of a file that `save` wrote, on the CPU. Raises InputError: missing, damaged, or holding more than
    numbers."""
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise InputError(f"{path} is not there.") from None
    except pickle.UnpicklingError as error:
        raise InputError(
            f"{path} was not loaded: it is damaged or holds more than numbers, and files that could run code are "
            f"refused."
        ) from error
    except (RuntimeError, OSError, EOFError, ValueError, KeyError, AttributeError, TypeError, IndexError) as error:
        raise InputError(f"{path} is not a readable file of weights: {reason(error)}") from error
    if not isinstance(content, dict):
        raise InputError(f"{path} is not a file of weights: it holds a {type(content).__name__}.")
    return content


def load_network(network: nn.Module, path: Path) -> dict[str, Any]:
    """Fill the network from a model file of ours, wholly; the file's content. Raises InputError where they do not
    fit."""
    content = load(path)
    try:
        network.load_state_dict(content["model"])
    except (KeyError, RuntimeError, AttributeError, TypeError) as error:
        raise InputError(f"{path} does not fit the architecture: {reason(error)}") from error
    return content


def start_from(network: nn.Module, path: Path) -> int:
    """Load every weight of the same name and shape (a head of another size stays new); the number of tensors loaded.

    A network behind another input representation is the same network: `network.` before a name does not count.
    The file holds a state dict, or one under `model` or `state_dict`. Raises InputError where less than half fits.
    """
    content = load(path)
    for key in ("model", "state_dict"):
        if isinstance(content.get(key), dict):
            content = content[key]
    current = network.state_dict()
    loaded = {_without_prefix(k): v for k, v in content.items() if isinstance(v, torch.Tensor)}
    matching = {
        k: loaded[_without_prefix(k)]
        for k, v in current.items()
        if _without_prefix(k) in loaded and loaded[_without_prefix(k)].shape == v.shape
    }
    if len(matching) * 2 < len(current):
        raise InputError(f"{path} does not fit the architecture: {len(matching)} of its {len(current)} tensors match.")
    network.load_state_dict({**current, **matching})
    return len(matching)


def _without_prefix(name: str) -> str:
    return name.removeprefix("module.").removeprefix("network.")


def reason(error: BaseException) -> str:
    """First line of a library's error message, else the error's name."""
    return (str(error) or type(error).__name__).splitlines()[0][:200]


def random_state() -> dict[str, Any]:
    """State of every torch generator (dropout draws from it); batches and augmentation follow from the seed alone."""
    return {"cpu": torch.get_rng_state(), "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []}


def restore_random_state(state: dict[str, Any]) -> None:
    torch.set_rng_state(state["cpu"])
    if torch.cuda.is_available() and len(state["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(state["cuda"])

"""Registry of Model A's architectures: a file in architectures/ that holds ARCHITECTURE is registered by being there.

Any other classifier of torchvision can be named too, with or without the prefix `torchvision:`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from cgid.errors import InputError
from cgid.models import architectures
from cgid.registry import load

if TYPE_CHECKING:
    from torch.nn import Module

LIBRARY = "torchvision:"


@dataclass(frozen=True, slots=True)
class Architecture:
    """One network.

    name: as in `--arch`. title: human-readable. paper, licence: of the architecture and the code that builds it.
    build: imagenet -> network of float32 (N, 3, S, S) to logits (N, 1), positive = AI; `imagenet` starts from
        torchvision's published weights, else from random numbers. Imports torch inside.
    weights_licence: what is known of the published weights.
    smallest: least side S in pixels the network accepts. tried: whether our tests build it; others are tried at use.
    """

    name: str
    title: str
    paper: str
    licence: str
    build: Callable[[bool], Module]
    weights_licence: str = ""
    smallest: int = 32
    tried: bool = True


@cache
def all_architectures() -> dict[str, Architecture]:
    """{name: architecture}, by name; with those of the entry points `cgid.architectures`."""
    return dict(sorted(load(architectures, "ARCHITECTURE", entry_points="cgid.architectures").items()))


def architecture(name: str) -> Architecture:
    """By name. Raises InputError naming those there are."""
    known = all_architectures()
    bare = name.removeprefix(LIBRARY)
    if bare in known:
        return known[bare]
    from cgid.models.networks.classifier import check_name

    try:
        check_name(bare)
    except InputError as error:
        raise InputError(
            f"{error} Of architectures there are {', '.join(known)}, and torchvision's classifiers."
        ) from None
    return _torchvision_architecture(bare)


def recorded_architecture(name: str) -> Architecture:
    """Of a network that was trained here: its name is known to be right, so torch stays unloaded."""
    bare = name.removeprefix(LIBRARY)
    return all_architectures().get(bare) or _torchvision_architecture(bare)


def _torchvision_architecture(name: str) -> Architecture:
    def build(imagenet: bool) -> Module:
        from cgid.models.networks.classifier import classifier

        return classifier(name, imagenet)

    return Architecture(
        name=name,
        title=f"{name} (torchvision)",
        paper="https://docs.pytorch.org/vision/stable/models.html",
        licence="BSD-3-Clause (torchvision)",
        weights_licence="see torchvision's page of this network",
        build=build,
        smallest=8,
        tried=False,
    )


def build(name: str, imagenet: bool = False) -> Module:
    """The network. Raises InputError where the name is unknown or published weights cannot be had."""
    chosen = architecture(name)
    if not imagenet:
        return chosen.build(False)
    try:
        return chosen.build(True)
    except OSError as error:
        raise InputError(
            f"The ImageNet weights of {name} are not on this machine and cannot be fetched ({error}); connect to the "
            "network once, name a file with --weights FILE, or use --weights none."
        ) from error

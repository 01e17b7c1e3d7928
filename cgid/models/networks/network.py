"""`NetworkSpec`: the specification of a run's network, stored as JSON, from which it can be rebuilt."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from cgid.errors import InputError
from cgid.models.architecture import architecture, build
from cgid.models.representation import representation

if TYPE_CHECKING:
    from torch.nn import Module

TINY_IMAGE = 48  # px a side; up to here a stem made for 224 px leaves too little
STEMS = ("auto", "tiny", "standard")


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """arch, input: by name. image_size: side S in pixels.

    tiny_stem: whether the first layers look finer, in the architectures that can (networks/stem.py).
    """

    arch: str
    image_size: int
    input: str = "rgb"
    tiny_stem: bool = False

    @classmethod
    def from_options(cls, arch: str, image_size: int, input: str, stem: str) -> NetworkSpec:
        """stem: `tiny`, `standard`, or `auto` (tiny up to 48 px). Raises InputError where a name is unknown."""
        architecture(arch)
        representation(input)
        if stem not in STEMS:
            raise InputError(f"--stem {stem!r} is not one of {', '.join(STEMS)}.")
        return cls(arch, image_size, input, stem == "tiny" or (stem == "auto" and image_size <= TINY_IMAGE))

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any]) -> NetworkSpec:
        """Of a run manifest; one written before there was a choice holds the plain network on RGB."""
        if "network" in manifest:
            return cls(**manifest["network"])
        return cls(manifest["config"]["arch"], int(manifest["preprocess"]["image_size"]))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def check(self, imagenet: bool = False) -> None:
        """Raises InputError where the network cannot take images of this size, or published weights cannot be had."""
        import torch

        spec = architecture(self.arch)
        if self.image_size < spec.smallest:
            raise InputError(f"--image-size {self.image_size} is too small for {self.arch}; it needs {spec.smallest}.")
        if spec.tried and not imagenet:
            return
        network = self.build(imagenet).eval()
        try:
            with torch.inference_mode():
                shape = tuple(network(torch.zeros(2, 3, self.image_size, self.image_size)).shape)
        except (RuntimeError, AssertionError, ValueError) as error:
            why = (str(error) or type(error).__name__).splitlines()[0][:200]
            raise InputError(f"{self.arch} does not take images of {self.image_size} px ({why}); try 224.") from error
        if shape != (2, 1):
            raise InputError(f"{self.arch} does not give one logit per image; choose another architecture.")

    def build(self, imagenet: bool = False) -> Module:
        """float32 (N, 3, S, S), normalised as by Preprocess, to logits (N, 1), positive = AI.

        With RGB the weights have the names they have in torchvision, else these after `network.`.
        """
        from torch import nn

        from cgid.models.networks import first_layers

        network = build(self.arch, imagenet)
        if self.tiny_stem:
            first_layers.refine_stem(network)
        chosen = representation(self.input)
        if chosen.build is None:
            return network
        if chosen.channels != 3:
            first_layers.widen(network, chosen.channels)
        return nn.Sequential(OrderedDict(input=chosen.build(self.image_size), network=network))

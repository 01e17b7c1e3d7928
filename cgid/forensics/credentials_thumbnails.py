"""The small pictures that content credentials keep: what each account, and each picture it was made of, looked like.

They are part of what was signed, so in an account that holds they are what its signer put there, before any later edit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cgid.features.display import fit
from cgid.features.image import ImageFile
from cgid.features.parsers import content_credentials
from cgid.forensics.credentials_timeline import thumbnail_names
from cgid.imaging.decoders import decode_preview

MOST, MOST_PIXELS, SIDE = 40, 4_000_000, 200


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """own: uint8 (H, W, 3), at most SIDE px a side, or None. ingredients: one each, in the entry's order."""

    own: np.ndarray | None
    ingredients: tuple[np.ndarray | None, ...]


def thumbnails(image: ImageFile) -> list[Thumbnails]:
    """One per entry of `provenance["timeline"]`; at most MOST pictures, the newest accounts' first. Never raises."""
    named = thumbnail_names(image)
    wanted = [name for own, used in reversed(named) for name in (own, *used) if name]
    wanted = list(dict.fromkeys(wanted))[:MOST]
    found = content_credentials.resources(image, wanted) if wanted else {}
    drawn = {name: decoded(data) for name, data in found.items()}
    return [Thumbnails(drawn.get(own), tuple(drawn.get(name) for name in used)) for own, used in named]


def decoded(data: bytes) -> np.ndarray | None:
    """Pixels of a JPEG or PNG of a thumbnail's size; None of anything else."""
    pixels = decode_preview(data, MOST_PIXELS, ("JPEG", "PNG"))
    return None if pixels is None else fit(pixels, SIDE)

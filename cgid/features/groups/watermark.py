"""Finds the invisible mark that Stable Diffusion's and FLUX's reference programs write into their images.

The mark (`dwtDct` of the invisible-watermark library, as those programs call it): the Haar approximation of the U
plane in 4x4 blocks; block k carries bit k modulo the payload's length in its largest coefficient but the first, which
is moved to a quarter (0) or three quarters (1) of a step of 36. Each bit is read by majority and the bits are compared
with the known payloads, with red and blue in either order since callers disagree about it.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from cgid.features.group import Feature, FeatureGroup
from cgid.features.image import ImageFile

STEP = 36.0
LEAST_SIDE = 256
MOST_PIXELS = 4_000_000
# Chance of so many matching bits in an unmarked image, were its bits fair coins, over all payloads and both orders.
CHANCE = 1e-7


def _bits_of_bytes(payload: bytes) -> np.ndarray:
    return np.unpackbits(np.frombuffer(payload, np.uint8)).astype(bool)


def _bits_of_number(number: int) -> np.ndarray:
    return np.array([bit == "1" for bit in bin(number)[2:]])


# Leading zeros of the FLUX number are lost in its own program, so its payload is 46 bits long.
PAYLOADS: dict[str, np.ndarray] = {
    "Stable Diffusion 1": _bits_of_bytes(b"StableDiffusionV1"),
    "Stable Diffusion 2": _bits_of_bytes(b"SDV2"),
    "Stable Diffusion XL": _bits_of_number(0b101100111110110010010000011110111011000110011110),
    "FLUX": _bits_of_number(0b001010101111111010000111100111001111010100101110),
}


def compute(image: ImageFile) -> dict[str, float]:
    found = best_match(image.rgb)
    if found is None:
        return {f.name: math.nan for f in GROUP.features}
    name, rate = found
    detected = rate * len(PAYLOADS[name]) >= least_matches(len(PAYLOADS[name]))
    return {
        "detected": float(detected),
        "confidence": rate,
        "payload": float(1 + list(PAYLOADS).index(name)) if detected else 0.0,
    }


def best_match(rgb: np.ndarray) -> tuple[str, float] | None:
    """(payload, share of its bits that match) of the payload least likely by chance; None under 256 px.

    rgb: uint8 (H, W, 3).
    """
    if rgb.shape[0] * rgb.shape[1] < LEAST_SIDE**2 or min(rgb.shape[:2]) < 8:
        return None
    matches = [
        (_tail(len(bits), round(rate * len(bits))), name, rate)
        for blue in (2, 0)
        for votes in [_votes(rgb, blue)]
        for name, bits in PAYLOADS.items()
        for rate in [float((_majority(votes, len(bits)) == bits).mean())]
    ]
    _, name, rate = min(matches, key=lambda m: m[0])
    return name, rate


def _votes(rgb: np.ndarray, blue: int) -> np.ndarray:
    """bool (blocks,): the bit each block carries, in reading order. blue: which channel is taken for blue."""
    height, width = rgb.shape[0] // 8 * 8, rgb.shape[1] // 8 * 8
    # Reading order runs along whole rows, so a large image may be judged by its upper rows alone.
    height = min(height, max(8, MOST_PIXELS // width // 8 * 8))
    part = rgb[:height, :width]
    luma = np.round(
        part[..., 2 - blue] * np.float32(0.299) + part[..., 1] * np.float32(0.587) + part[..., blue] * np.float32(0.114)
    )
    u = np.round((part[..., blue] - luma) * np.float32(0.492)) + 128
    half = u.reshape(height // 2, 2, width // 2, 2).sum(axis=(1, 3)) / 2
    blocks = half.reshape(height // 8, 4, width // 8, 4).swapaxes(1, 2).reshape(-1, 16)
    largest = np.abs(blocks[:, 1:]).max(axis=1)
    return largest % STEP > STEP / 2


def _majority(votes: np.ndarray, length: int) -> np.ndarray:
    place = np.arange(len(votes)) % length
    ones = np.bincount(place, weights=votes, minlength=length)
    return ones * 2 > np.bincount(place, minlength=length)


@cache
def _tail(n: int, k: int) -> float:
    """Chance of at least k heads in n fair throws."""
    return sum(math.comb(n, i) for i in range(k, n + 1)) / 2**n


@cache
def least_matches(n: int) -> int:
    """Fewest of n bits that must match for a detection."""
    limit = CHANCE / (2 * len(PAYLOADS))
    return next((k for k in range(n + 1) if _tail(n, k) <= limit), n)


_NAMES = ", ".join(f"{i} {name}" for i, name in enumerate(PAYLOADS, 1))

GROUP = FeatureGroup(
    key="watermark",
    title="Invisible watermark",
    family="provenance",
    prefix="watermark",
    version=1,
    meaning="The mark that reference programs of Stable Diffusion and FLUX hide in the colours. Missing under 256 px.",
    cite="Definition: invisible-watermark library, method dwtDct; payloads: the generators' published reference programs.",
    weakness="Most front ends leave it out; pictures with little colour lose part of it at once; JPEG, resizing and cropping remove it. Its absence says nothing.",
    compute=compute,
    features=(
        Feature("detected", "Mark found", "A known payload matches far beyond chance.", "0/1"),
        Feature(
            "confidence",
            "Matching bits",
            "Share of the best payload's bits that match; about 0.5 to 0.7 without a mark.",
            "share 0..1",
        ),
        Feature("payload", "Whose", f"0 none, {_NAMES}.", "code"),
    ),
)

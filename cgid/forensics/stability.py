"""Stability of a verdict under recompression, downscaling, cropping and screenshots.

Every copy is checked as a file of its own, so that what it loses (metadata, credentials) is lost here too.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np

from cgid.errors import InputError
from cgid.forensics.check import check
from cgid.forensics.models import Models
from cgid.imaging.image_file import ImageFile
from cgid.imaging.jpeg_encode import encode
from cgid.schema import ModelAnswer

SCREEN_SIZE = (1600, 900)  # px: the window of the simulated screenshot
OPPOSITE = {"likely_ai": "likely_real", "declared_ai": "likely_real", "likely_real": "likely_ai"}


@dataclass(frozen=True, slots=True)
class Copy:
    """One kind of altered copy. make: from upright uint8 (H, W, 3) to the bytes of the copy's file."""

    name: str
    title: str
    family: str
    make: Callable[[np.ndarray], bytes]


@dataclass(frozen=True)
class Outcome:
    """The answer for one copy. probability: of the deciding model; model_a, model_b: theirs, None without one.
    error: why there is no answer."""

    name: str
    title: str
    family: str
    verdict: str
    probability: float | None = None
    model_a: float | None = None
    model_b: float | None = None
    error: str = ""


def _webp(rgb: np.ndarray, quality: int) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb)).save(buffer, "WEBP", quality=quality, method=0)
    return buffer.getvalue()


def _downscaled(rgb: np.ndarray, fraction: float) -> bytes:
    return encode(_resized(rgb, fraction), 90)


def _resized(rgb: np.ndarray, fraction: float) -> np.ndarray:
    from PIL import Image

    height, width = rgb.shape[:2]
    size = (max(1, round(width * fraction)), max(1, round(height * fraction)))
    return np.asarray(Image.fromarray(np.ascontiguousarray(rgb)).resize(size, Image.Resampling.LANCZOS))


def _cropped(rgb: np.ndarray, fraction: float) -> bytes:
    """Centre crop, off the 8 px JPEG grid where possible, as cropping by hand is."""
    height, width = rgb.shape[:2]
    rows, columns = max(1, round(height * fraction)), max(1, round(width * fraction))
    top, left = (height - rows) // 2, (width - columns) // 2
    top, left = top | 1 if top else 0, left | 1 if left else 0
    return encode(rgb[top : top + rows, left : left + columns], 90)


def _screenshot(rgb: np.ndarray) -> bytes:
    """Fitted into a window and saved as lossless PNG: scaled bilinearly, as browsers do, and never enlarged."""
    from PIL import Image

    height, width = rgb.shape[:2]
    fraction = min(SCREEN_SIZE[0] / width, SCREEN_SIZE[1] / height, 1.0)
    shown = Image.fromarray(np.ascontiguousarray(rgb))
    if fraction < 1:
        size = (max(1, round(width * fraction)), max(1, round(height * fraction)))
        shown = shown.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    buffer = io.BytesIO()
    shown.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


COPIES: tuple[Copy, ...] = (
    *(Copy(f"jpeg_{q}", f"JPEG {q}", "saved again", partial(encode, quality=q)) for q in (95, 85, 75, 60)),
    Copy("webp_80", "WebP 80", "saved again", partial(_webp, quality=80)),
    Copy("resize_75", "75 % size", "made smaller", partial(_downscaled, fraction=0.75)),
    Copy("resize_50", "50 % size", "made smaller", partial(_downscaled, fraction=0.5)),
    Copy("crop_90", "Cropped to 90 %", "cropped", partial(_cropped, fraction=0.9)),
    Copy("crop_60", "Cropped to 60 %", "cropped", partial(_cropped, fraction=0.6)),
    Copy("screenshot", "Screenshot", "screenshot (simulated)", _screenshot),
)


def check_copy(
    image: ImageFile, copy: Copy, models: Models | None = None, out_of_domain: bool | None = None
) -> Outcome:
    """The answer for one copy of the image. Never raises for a copy that cannot be created.

    out_of_domain: whether the original is outside the data of simulated models (None: derived); its copies inherit it.
    """
    try:
        data = copy.make(image.rgb)
    except (OSError, ValueError, MemoryError) as problem:
        return Outcome(
            copy.name, copy.title, copy.family, "unreadable", error=f"the copy cannot be created ({problem})"
        )
    result = check(data, _name(copy), models, out_of_domain=out_of_domain, evidence=False)

    def probability_of(model: ModelAnswer | None) -> float | None:
        return float(model.probability) if model else None

    return Outcome(
        copy.name,
        copy.title,
        copy.family,
        result.verdict,
        result.probability_ai,
        probability_of(result.model_a),
        probability_of(result.model_b),
        result.error,
    )


def _name(copy: Copy) -> str:
    kind = {"screenshot": "png", "webp_80": "webp"}.get(copy.name, "jpg")
    return f"{copy.name}.{kind}"


def stability(image: ImageFile, models: Models | None = None, out_of_domain: bool | None = None) -> Iterator[Outcome]:
    """The outcomes, one copy at a time."""
    return (check_copy(image, copy, models, out_of_domain) for copy in COPIES)


def summary(verdict: str, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """{"survives", "of", "holds", "reversed", "sentence", "copies"}: the result over all copies.

    verdict: of the image itself. survives: number of copies with the same verdict; holds: whether all have it.
    reversed: titles of the copies with the opposite verdict.

    Raises InputError where no copy could be checked.
    """
    checked = [o for o in outcomes if not o.error]
    if not checked:
        raise InputError("No copy of this image could be checked.")
    same = [o for o in checked if o.verdict == verdict]
    opposite = [o.title for o in checked if o.verdict == OPPOSITE.get(verdict)]
    return {
        "survives": len(same),
        "of": len(checked),
        "holds": len(same) == len(checked),
        "reversed": opposite,
        "sentence": _sentence(verdict, checked, len(same), opposite),
        "copies": [asdict(o) for o in outcomes],
    }


def _sentence(verdict: str, checked: Sequence[Outcome], same: int, opposite: Sequence[str]) -> str:
    count = f"{same} of {len(checked)} copies get the same verdict"
    if same == len(checked):
        if verdict == "inconclusive":
            return f"All {len(checked)} copies are inconclusive too."
        return f"This verdict survives: all {len(checked)} copies get it."
    lost = [o for o in checked if o.verdict != verdict]
    saved = any(o.family == "saved again" for o in lost)
    how = "re-saving" if saved else "being " + ("cropped" if lost[0].family == "cropped" else "made smaller")
    if all(o.name == "screenshot" for o in lost):
        how = "a screenshot"
    opening = f"This verdict does not survive {how}: {count}."
    if verdict == "declared_ai":
        return f"{opening} The declaration is lost with the metadata, and the pixels alone do not confirm it."
    if verdict == "inconclusive":
        return f"Copies of this image get other verdicts: {count}. The verdict on a single copy may be due to chance."
    if opposite:
        return f"{opening} Opposite verdict: {', '.join(opposite)}."
    return opening

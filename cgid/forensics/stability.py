"""Does the verdict survive what happens to pictures on their way: saved again, made smaller, cropped, screenshotted?

Every copy is judged as if it had been dropped on the page itself, from its own file's bytes: what a copy loses
(metadata, credentials) is lost here too.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np

from cgid.errors import InputError
from cgid.forensics.check import check
from cgid.forensics.models import Models
from cgid.imaging.image_file import ImageFile
from cgid.imaging.jpeg_encode import encode

SCREEN = (1600, 900)  # px: the window a screenshot shows the picture in
OPPOSITE = {"likely_ai": "likely_real", "declared_ai": "likely_real", "likely_real": "likely_ai"}


@dataclass(frozen=True, slots=True)
class Copy:
    """One way a picture travels. make: upright uint8 (H, W, 3) to the bytes of the copy's file."""

    name: str
    title: str
    family: str
    make: Callable[[np.ndarray], bytes]


@dataclass(frozen=True)
class Outcome:
    """What was said about one copy. probability: of the deciding model; model_a, model_b: theirs, None without one.
    error: why there was no answer."""

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


def _smaller(rgb: np.ndarray, share: float) -> bytes:
    return encode(_resized(rgb, share), 90)


def _resized(rgb: np.ndarray, share: float) -> np.ndarray:
    from PIL import Image

    height, width = rgb.shape[:2]
    size = (max(1, round(width * share)), max(1, round(height * share)))
    return np.asarray(Image.fromarray(np.ascontiguousarray(rgb)).resize(size, Image.Resampling.LANCZOS))


def _cropped(rgb: np.ndarray, share: float) -> bytes:
    """The middle, off the 8-px grid where there is room, as a person crops."""
    height, width = rgb.shape[:2]
    rows, columns = max(1, round(height * share)), max(1, round(width * share))
    top, left = (height - rows) // 2, (width - columns) // 2
    top, left = top | 1 if top else 0, left | 1 if left else 0
    return encode(rgb[top : top + rows, left : left + columns], 90)


def _screenshot(rgb: np.ndarray) -> bytes:
    """Shown fitted into a window, taken as PNG without loss: bilinear as browsers scale, never enlarged."""
    from PIL import Image

    height, width = rgb.shape[:2]
    share = min(SCREEN[0] / width, SCREEN[1] / height, 1.0)
    shown = Image.fromarray(np.ascontiguousarray(rgb))
    if share < 1:
        size = (max(1, round(width * share)), max(1, round(height * share)))
        shown = shown.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    buffer = io.BytesIO()
    shown.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


COPIES: tuple[Copy, ...] = (
    *(Copy(f"jpeg_{q}", f"JPEG {q}", "saved again", partial(encode, quality=q)) for q in (95, 85, 75, 60)),
    Copy("webp_80", "WebP 80", "saved again", partial(_webp, quality=80)),
    Copy("resize_75", "75 % size", "made smaller", partial(_smaller, share=0.75)),
    Copy("resize_50", "50 % size", "made smaller", partial(_smaller, share=0.5)),
    Copy("crop_90", "Cropped to 90 %", "cropped", partial(_cropped, share=0.9)),
    Copy("crop_60", "Cropped to 60 %", "cropped", partial(_cropped, share=0.6)),
    Copy("screenshot", "Screenshot", "screenshot (simulated)", _screenshot),
)


def judge(image: ImageFile, copy: Copy, models: Models | None = None, foreign: bool | None = None) -> Outcome:
    """What cgid says about one copy of the image. Never raises for a copy that cannot be made.

    foreign: whether the original is unknown to models of simulated data; its copies are what it is.
    """
    try:
        data = copy.make(image.rgb)
    except (OSError, ValueError, MemoryError) as problem:
        return Outcome(copy.name, copy.title, copy.family, "unreadable", error=f"no such copy ({problem})")
    found = check(data, _name(copy), models, foreign=foreign, evidence=False)

    def said(model: Mapping[str, Any] | None) -> float | None:
        return float(model["probability"]) if model else None

    return Outcome(
        copy.name,
        copy.title,
        copy.family,
        found.verdict,
        found.probability_ai,
        said(found.model_a),
        said(found.model_b),
        found.error,
    )


def _name(copy: Copy) -> str:
    kind = {"screenshot": "png", "webp_80": "webp"}.get(copy.name, "jpg")
    return f"{copy.name}.{kind}"


def stability(image: ImageFile, models: Models | None = None, foreign: bool | None = None) -> Iterator[Outcome]:
    """Every copy in turn, as it is judged."""
    return (judge(image, copy, models, foreign) for copy in COPIES)


def summary(verdict: str, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """{"survives", "of", "holds", "reversed", "sentence", "copies"}: what is to be said aloud.

    verdict: of the picture itself. survives: copies with the same verdict; holds: True where all have it. reversed:
    titles of the copies that are told the opposite.

    Raises InputError where no copy was judged.
    """
    judged = [o for o in outcomes if not o.error]
    if not judged:
        raise InputError("No copy of this picture could be judged.")
    same = [o for o in judged if o.verdict == verdict]
    turned = [o.title for o in judged if o.verdict == OPPOSITE.get(verdict)]
    return {
        "survives": len(same),
        "of": len(judged),
        "holds": len(same) == len(judged),
        "reversed": turned,
        "sentence": _sentence(verdict, judged, len(same), turned),
        "copies": [asdict(o) for o in outcomes],
    }


def _sentence(verdict: str, judged: Sequence[Outcome], same: int, turned: Sequence[str]) -> str:
    count = f"{same} of {len(judged)} copies get the same verdict"
    if same == len(judged):
        if verdict == "inconclusive":
            return f"All {len(judged)} copies are inconclusive too."
        return f"This verdict survives: all {len(judged)} copies get it."
    lost = [o for o in judged if o.verdict != verdict]
    saved = any(o.family == "saved again" for o in lost)
    how = "re-saving" if saved else "being " + ("cropped" if lost[0].family == "cropped" else "made smaller")
    if all(o.name == "screenshot" for o in lost):
        how = "a screenshot"
    aloud = f"This verdict does not survive {how}: {count}."
    if verdict == "declared_ai":
        return f"{aloud} The file's own words are lost with its metadata, and the pixels alone do not say it."
    if verdict == "inconclusive":
        return f"Copies of this picture get other verdicts: {count}. What is said about a copy may be chance."
    if turned:
        return f"{aloud} Told the opposite: {', '.join(turned)}."
    return aloud

"""Consistency checks of a file's metadata: one table of rules, each with a code, a weight and a sentence.

One rule checks whether the camera model belongs to the make, by the brand names that models contain.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cgid.imaging.image_file import ImageFile
from cgid.metadata import exif, generators, text_fields, thumbnail, xmp

# Word in a model's name -> words of which the make must contain one.
_MAKES = {
    "canon": ("canon",),
    "eos": ("canon",),
    "powershot": ("canon",),
    "nikon": ("nikon",),
    "coolpix": ("nikon",),
    "dsc": ("sony", "nikon"),
    "ilce": ("sony",),
    "finepix": ("fuji",),
    "lumix": ("panasonic",),
    "dmc": ("panasonic", "leica"),
    "leica": ("leica", "panasonic"),
    "pentax": ("pentax", "ricoh", "asahi"),
    "olympus": ("olympus", "om digital"),
    "kodak": ("kodak",),
    "minolta": ("minolta",),
    "dimage": ("minolta",),
    "hasselblad": ("hasselblad", "dji"),
    "iphone": ("apple",),
    "ipad": ("apple",),
    "pixel": ("google",),
    "gopro": ("gopro",),
    "xperia": ("sony",),
    "huawei": ("huawei",),
}
_WORD = re.compile("|".join(rf"\b{word}\b" for word in _MAKES), re.IGNORECASE)


def make_contradicts_model(make: str, model: str) -> bool:
    """Whether the model's name contains another maker's brand. False if either is missing or no brand is recognised."""
    if not make or not (brand := _WORD.search(model[:200])):
        return False
    return not any(word in make.lower() for word in _MAKES[brand.group(0).lower()])


EDITORS = re.compile(
    r"\b(photoshop|gimp|lightroom|affinity|paint\.net|paintshop|pixelmator|capture one|darktable|snapseed|canva|"
    r"fireworks|picasa|acdsee|xnview|irfanview|imagemagick|corel|luminar|facetune|picsart|krita)",
    re.IGNORECASE,
)


class Metadata:
    """All metadata that the rules use, each read once and on demand."""

    def __init__(self, image: ImageFile) -> None:
        self.image = image

    @cached_property
    def tags(self) -> dict[str, Any]:
        return exif.tags(self.image)

    @cached_property
    def texts(self) -> list[text_fields.TextField]:
        return text_fields.text_fields(self.image, self.tags)

    @cached_property
    def xmp(self) -> xmp.Xmp:
        return xmp.read_xmp(self.image)

    @cached_property
    def marks(self) -> list[generators.GeneratorMark]:
        return generators.find_marks(self.image, self.texts, self.xmp)

    @cached_property
    def software(self) -> str:
        """Software named by EXIF, PNG text or XMP, without duplicates, comma-separated."""
        named = [str(self.tags.get(k, "")) for k in ("Software", "ProcessingSoftware")]
        named += [t.text for t in self.texts if t.place == "PNG text" and t.key == "Software"]
        return ", ".join(dict.fromkeys(filter(None, [*named, self.xmp.first("CreatorTool")])))

    @cached_property
    def dates(self) -> dict[str, Any]:
        keys = ("DateTimeOriginal", "DateTimeDigitized", "DateTime")
        parsed = {k: exif.parse_date(self.tags.get(k)) for k in keys}
        return {k: d for k, d in parsed.items() if d is not None}

    @cached_property
    def thumbnail_similarity(self) -> float:
        return thumbnail.similarity(self.image)

    @cached_property
    def gps(self) -> dict[int, Any]:
        """The GPS block if it gives latitude and longitude, otherwise empty."""
        block = exif.ifd(self.image, "gps")
        return block if 2 in block and 4 in block else {}

    @cached_property
    def position(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees; None if missing or impossible."""
        return exif.gps_position(self.gps)

    @cached_property
    def camera(self) -> tuple[str, str]:
        """Make and model from EXIF, each empty if missing or if it holds generator data."""
        make, model = (str(self.tags.get(k) or "") for k in ("Make", "Model"))
        make, model = ("" if s.startswith(("workflow:", "prompt:")) else s for s in (make, model))
        return make, model

    @cached_property
    def size_matches(self) -> bool | None:
        """Whether EXIF states the actual image size, in either orientation; None if it states none."""
        stated = [exif.to_number(self.tags.get(k)) for k in ("ExifImageWidth", "ExifImageHeight")]
        if not all(stated):
            return None
        return sorted(value for value in stated if value is not None) == sorted((self.image.width, self.image.height))

    @property
    def exif_broken(self) -> bool:
        """There is an EXIF block, but nothing can be read from it."""
        return bool(self.image.exif_error) or (bool(self.image.info.get("exif")) and not self.tags)

    def has(self, key: str) -> bool:
        return self.tags.get(key) not in (None, "", b"")


@dataclass(frozen=True, slots=True)
class Finding:
    """code: stable name. sentence: the finding. weight: 0..1; the anomaly score is 1 - product of (1 - weight)."""

    code: str
    sentence: str
    weight: float


def _date_order(m: Metadata) -> bool:
    taken, changed = m.dates.get("DateTimeOriginal"), m.dates.get("DateTime")
    return bool(taken and changed and changed < taken)


def _dates_blank(m: Metadata) -> bool:
    return any(m.has(k) and exif.parse_date(m.tags[k]) is None for k in ("DateTimeOriginal", "DateTime"))


def _exposure_impossible(m: Metadata) -> bool:
    limits = {"ExposureTime": (0, 36_000), "FNumber": (0, 256), "FocalLength": (0, 10_000)}
    values = {k: exif.to_number(m.tags.get(k)) for k in limits}
    return any(v is not None and not limits[k][0] <= v <= limits[k][1] for k, v in values.items())


# code, weight, rule, sentence
RULES: tuple[tuple[str, float, Callable[[Metadata], bool], str], ...] = (
    (
        "generator",
        0.95,
        lambda m: any(t.declares == "ai" for t in m.marks),
        "An image generator left its own data in the file.",
    ),
    (
        "partly_ai",
        0.7,
        lambda m: any(t.declares == "partly_ai" for t in m.marks),
        "The metadata state that parts of the image were made by AI.",
    ),
    ("date_order", 0.2, _date_order, "By EXIF, the file was last changed before the image was taken."),
    ("date_unreadable", 0.1, _dates_blank, "An EXIF date is blank or impossible."),
    ("exposure", 0.25, _exposure_impossible, "EXIF gives an impossible exposure."),
    (
        "make_alone",
        0.1,
        lambda m: bool(m.camera[0]) != bool(m.camera[1]),
        "EXIF names the camera's make or model, but not both.",
    ),
    (
        "make_model",
        0.3,
        lambda m: make_contradicts_model(*m.camera),
        "EXIF names a camera model of a different make.",
    ),
    (
        "exposure_apex",
        0.2,
        lambda m: exif.apex_gap(m.tags) > 1,
        "EXIF gives two contradictory exposures.",
    ),
    ("size", 0.1, lambda m: m.size_matches is False, "EXIF gives a size that differs from the image's."),
    (
        "position",
        0.1,
        lambda m: bool(m.gps) and m.position is None,
        "EXIF gives an impossible location.",
    ),
    ("thumbnail", 0.35, lambda m: m.thumbnail_similarity < 0.5, "The embedded thumbnail shows a different image."),
    ("exif_broken", 0.15, lambda m: m.exif_broken, "The EXIF block is broken or empty."),
    ("xmp_broken", 0.15, lambda m: m.xmp.broken, "The XMP packet is broken, much too long, or hostile."),
    ("editor", 0.1, lambda m: bool(EDITORS.search(m.software)), "The file was saved by an image editor."),
)


def findings(metadata: Metadata) -> list[Finding]:
    """The findings of all rules that fire, heaviest first."""
    fired = [Finding(code, sentence, weight) for code, weight, rule, sentence in RULES if rule(metadata)]
    return sorted(fired, key=lambda f: -f.weight)

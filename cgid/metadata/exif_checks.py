"""Which statements in a file's metadata are odd, each as a sentence with a weight. One table, one function a rule.

Does a camera model belong to the make that EXIF gives beside it? Judged by the brand words that models carry.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cgid.imaging.image_file import ImageFile
from cgid.metadata import exif, generators, text_fields, thumbnail, xmp

# Word in a model's name -> words of which the make must hold one.
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


def contradict(make: str, model: str) -> bool:
    """The model's name holds another maker's brand. False where either is missing or no brand is known."""
    if not make or not (found := _WORD.search(model[:200])):
        return False
    return not any(word in make.lower() for word in _MAKES[found.group(0).lower()])


EDITORS = re.compile(
    r"\b(photoshop|gimp|lightroom|affinity|paint\.net|paintshop|pixelmator|capture one|darktable|snapseed|canva|"
    r"fireworks|picasa|acdsee|xnview|irfanview|imagemagick|corel|luminar|facetune|picsart|krita)",
    re.IGNORECASE,
)


class Metadata:
    """Everything the metadata rules look at, each read once and only when asked for."""

    def __init__(self, image: ImageFile) -> None:
        self.image = image

    @cached_property
    def facts(self) -> dict[str, Any]:
        return exif.facts(self.image)

    @cached_property
    def texts(self) -> list[text_fields.Text]:
        return text_fields.texts(self.image, self.facts)

    @cached_property
    def xmp(self) -> xmp.Xmp:
        return xmp.read(self.image)

    @cached_property
    def traces(self) -> list[generators.Trace]:
        return generators.find(self.image, self.texts, self.xmp)

    @cached_property
    def software(self) -> str:
        """Software named by EXIF, PNG text or XMP, each once, joined by commas."""
        named = [str(self.facts.get(k, "")) for k in ("Software", "ProcessingSoftware")]
        named += [t.text for t in self.texts if t.place == "PNG text" and t.key == "Software"]
        return ", ".join(dict.fromkeys(filter(None, [*named, self.xmp.first("CreatorTool")])))

    @cached_property
    def dates(self) -> dict[str, Any]:
        keys = ("DateTimeOriginal", "DateTimeDigitized", "DateTime")
        found = {k: exif.date(self.facts.get(k)) for k in keys}
        return {k: d for k, d in found.items() if d is not None}

    @cached_property
    def thumbnail_likeness(self) -> float:
        return thumbnail.likeness(self.image)

    @cached_property
    def gps(self) -> dict[int, Any]:
        """The GPS block where a latitude and a longitude are given, else empty."""
        block = exif.block(self.image, "gps")
        return block if 2 in block and 4 in block else {}

    @cached_property
    def position(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees; None where not given or impossible."""
        return exif.position(self.gps)

    @cached_property
    def camera(self) -> tuple[str, str]:
        """Make and model as EXIF gives them, each empty where it is missing or a generator's own data."""
        make, model = (str(self.facts.get(k) or "") for k in ("Make", "Model"))
        return tuple("" if s.startswith(("workflow:", "prompt:")) else s for s in (make, model))

    @cached_property
    def size_fits(self) -> bool | None:
        """EXIF gives the size that the picture has, either way round; None where it gives none."""
        said = [exif.number(self.facts.get(k)) for k in ("ExifImageWidth", "ExifImageHeight")]
        if not all(said):
            return None
        return sorted(said) == sorted((self.image.width, self.image.height))

    @property
    def exif_broken(self) -> bool:
        """There is an EXIF block, and nothing can be read out of it."""
        return bool(self.image.exif_error) or (bool(self.image.info.get("exif")) and not self.facts)

    def has(self, key: str) -> bool:
        return self.facts.get(key) not in (None, "", b"")


@dataclass(frozen=True, slots=True)
class Finding:
    """code: stable name. sentence: for people. weight: share 0..1 it adds to the anomaly score (1 - product of rests)."""

    code: str
    sentence: str
    weight: float


def _date_order(m: Metadata) -> bool:
    taken, changed = m.dates.get("DateTimeOriginal"), m.dates.get("DateTime")
    return bool(taken and changed and changed < taken)


def _dates_blank(m: Metadata) -> bool:
    return any(m.has(k) and exif.date(m.facts[k]) is None for k in ("DateTimeOriginal", "DateTime"))


def _exposure_impossible(m: Metadata) -> bool:
    limits = {"ExposureTime": (0, 36_000), "FNumber": (0, 256), "FocalLength": (0, 10_000)}
    values = {k: exif.number(m.facts.get(k)) for k in limits}
    return any(v is not None and not limits[k][0] <= v <= limits[k][1] for k, v in values.items())


# code, weight, rule, sentence
TABLE: tuple[tuple[str, float, Callable[[Metadata], bool], str], ...] = (
    (
        "generator",
        0.95,
        lambda m: any(t.declares == "ai" for t in m.traces),
        "An image generator left its own data in the file.",
    ),
    (
        "partly_ai",
        0.7,
        lambda m: any(t.declares == "partly_ai" for t in m.traces),
        "The file says that parts were made by AI.",
    ),
    ("date_order", 0.2, _date_order, "EXIF says the file was last changed before the picture was taken."),
    ("date_unreadable", 0.1, _dates_blank, "An EXIF date is blank or impossible."),
    ("exposure", 0.25, _exposure_impossible, "EXIF gives an impossible exposure."),
    (
        "make_alone",
        0.1,
        lambda m: bool(m.camera[0]) != bool(m.camera[1]),
        "EXIF names a camera's make or its model, not both.",
    ),
    (
        "make_model",
        0.3,
        lambda m: contradict(*m.camera),
        "EXIF names a camera model of another make.",
    ),
    (
        "exposure_apex",
        0.2,
        lambda m: exif.apex_gap(m.facts) > 1,
        "EXIF gives two exposures that contradict each other.",
    ),
    ("size", 0.1, lambda m: m.size_fits is False, "EXIF gives another size than the picture has."),
    (
        "position",
        0.1,
        lambda m: bool(m.gps) and m.position is None,
        "EXIF gives an impossible place.",
    ),
    ("thumbnail", 0.35, lambda m: m.thumbnail_likeness < 0.5, "The embedded thumbnail shows another picture."),
    ("exif_broken", 0.15, lambda m: m.exif_broken, "The EXIF block is broken or empty."),
    ("xmp_broken", 0.15, lambda m: m.xmp.broken, "The XMP packet is broken, far too long, or hostile."),
    ("editor", 0.1, lambda m: bool(EDITORS.search(m.software)), "The file was saved by an image editor."),
)


def findings(metadata: Metadata) -> list[Finding]:
    """The rules that hold, heaviest first."""
    held = [Finding(code, sentence, weight) for code, weight, rule, sentence in TABLE if rule(metadata)]
    return sorted(held, key=lambda f: -f.weight)

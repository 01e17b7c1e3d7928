"""The samples that are there, made when first asked for and kept in `artifacts/samples`.

A picture of the embedded demo that no model learned from: the first of a class in its test split.
"""

from __future__ import annotations

import csv
import io
from functools import cache, lru_cache
from pathlib import Path

from cgid.artifacts import DEMO_PREFIX
from cgid.files import write_bytes
from cgid.forensics.samples import kinds
from cgid.forensics.samples.sample import Sample
from cgid.registry import load
from cgid.settings import settings

SMALL = (240, 160)  # px of a small picture


@cache
def all_samples() -> dict[str, Sample]:
    """{name: sample} in the gallery's order."""
    found = load(kinds, "SAMPLE")
    return {s.name: s for s in sorted(found.values(), key=lambda s: (s.order, s.name))}


def picture(name: str) -> bytes | None:
    """The file's bytes; None where there is no sample of that name or it cannot be had now."""
    sample = all_samples().get(name)
    if sample is None:
        return None
    if not sample.kept:
        return sample.make()
    return _kept(sample, _place(sample, sample.suffix), _made)


def small(name: str) -> bytes | None:
    """As WebP of the size `SMALL`, cut to its proportions from the middle; None as `picture`."""
    sample = all_samples().get(name)
    if sample is None:
        return None
    if not sample.kept:
        data = sample.make()
        return data and _shrunk(data, sample.file)
    return _kept(sample, _place(sample, ".small.webp"), _made_small)


def _place(sample: Sample, suffix: str) -> Path:
    return settings().artifacts / "samples" / f"{sample.name}-{sample.version}{suffix}"


def _kept(sample: Sample, path: Path, make) -> bytes | None:
    """From the file where it is there, else made; a disk that cannot be written to costs no more than time."""
    try:
        return path.read_bytes()
    except OSError:
        data = make(sample.name)
    if data is not None:
        try:
            write_bytes(path, data)
        except OSError:
            return data
    return data


@lru_cache(maxsize=32)
def _made(name: str) -> bytes | None:
    return all_samples()[name].make()


@lru_cache(maxsize=32)
def _made_small(name: str) -> bytes | None:
    data = picture(name)
    return data and _shrunk(data, all_samples()[name].file)


def _shrunk(data: bytes, name: str) -> bytes:
    from PIL import Image, ImageOps

    from cgid.imaging.image_file import ImageFile

    image = Image.fromarray(ImageFile.from_bytes(data, name).rgb)
    buffer = io.BytesIO()
    ImageOps.fit(image, SMALL).save(buffer, "WEBP", quality=80)
    return buffer.getvalue()


def first_of(label: str) -> bytes | None:
    """label: `real` or `ai`. The file's bytes; None where there is no demo here."""
    manifest = next(iter(sorted(settings().manifests.glob(f"{DEMO_PREFIX}matched*/test.csv"))), None)
    if manifest is None:
        return None
    with manifest.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            path = Path(row["filepath"])
            path = path if path.is_absolute() else manifest.parent / path
            if row["label"] == label and path.is_file():
                return path.read_bytes()
    return None

"""Registered samples, created on first use and cached in `artifacts/samples`; images of the demo's test split."""

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

THUMBNAIL_SIZE = (240, 160)  # px


@cache
def all_samples() -> dict[str, Sample]:
    """{name: sample} in the order of the gallery."""
    samples = load(kinds, "SAMPLE")
    return {s.name: s for s in sorted(samples.values(), key=lambda s: (s.order, s.name))}


def sample_bytes(name: str) -> bytes | None:
    """The file's bytes; None where there is no sample of that name, or it is not available now."""
    sample = all_samples().get(name)
    if sample is None:
        return None
    if not sample.cacheable:
        return sample.make()
    return _cached(sample, _path(sample, sample.suffix), _create)


def sample_thumbnail(name: str) -> bytes | None:
    """WebP of THUMBNAIL_SIZE, a centre crop of its aspect ratio; None as `sample_bytes`."""
    sample = all_samples().get(name)
    if sample is None:
        return None
    if not sample.cacheable:
        data = sample.make()
        return data and _thumbnail(data, sample.file)
    return _cached(sample, _path(sample, ".small.webp"), _create_thumbnail)


def _path(sample: Sample, suffix: str) -> Path:
    return settings().artifacts / "samples" / f"{sample.name}-{sample.version}{suffix}"


def _cached(sample: Sample, path: Path, make) -> bytes | None:
    """From the cached file, else created; a disk that cannot be written to costs only time."""
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
def _create(name: str) -> bytes | None:
    return all_samples()[name].make()


@lru_cache(maxsize=32)
def _create_thumbnail(name: str) -> bytes | None:
    data = sample_bytes(name)
    return data and _thumbnail(data, all_samples()[name].file)


def _thumbnail(data: bytes, name: str) -> bytes:
    from PIL import Image, ImageOps

    from cgid.imaging.image_file import ImageFile

    image = Image.fromarray(ImageFile.from_bytes(data, name).rgb)
    buffer = io.BytesIO()
    ImageOps.fit(image, THUMBNAIL_SIZE).save(buffer, "WEBP", quality=80)
    return buffer.getvalue()


def first_demo_image(label: str) -> bytes | None:
    """label: `real` or `ai`. The file's bytes; None where there is no demo data set."""
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

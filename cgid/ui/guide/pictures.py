"""A camera photo and a generated image of the demo set, with the maps and values of one feature group."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from cgid.artifacts import DEMO_PREFIX, SPLIT_MANIFEST
from cgid.features.registry import all_groups, select_groups
from cgid.settings import settings

MAX_PAIRS = 6
NAMES = {"real": "Camera photo (simulated camera)", "ai": "Generated image (simulated generator)"}


@dataclass(frozen=True, slots=True)
class Picture:
    """One demo image. label: `real` or `ai`. scene: equal if two images show the same. sha256: of the file's bytes."""

    path: Path
    label: str
    generator: str
    scene: str
    sha256: str


def pairs() -> list[tuple[Picture, Picture]]:
    """Up to six pairs (photo, generated image) of the matched demo set, [] without the demo.

    Generators alternate; a pair shows the same scene if there is one.
    """
    manifests = sorted(settings().manifests.glob(f"{DEMO_PREFIX}matched*/{SPLIT_MANIFEST}"))
    if not manifests:
        return []
    stat = manifests[0].stat()
    return _pairs(str(manifests[0]), stat.st_mtime_ns, stat.st_size)


@st.cache_data(max_entries=8, ttl=3600, show_spinner=False)
def _pairs(manifest: str, changed: int, size: int) -> list[tuple[Picture, Picture]]:
    sides: dict[str, list[Picture]] = {"real": [], "ai": []}
    with open(manifest, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
        sizes = [int(row["bytes"]) if (row.get("bytes") or "").isdecimal() else 0 for row in rows]
        middle = sorted(sizes)[len(sizes) // 2] if sizes else 0
        # Images of average size first: neither a black sky nor all grass.
        for _, row in sorted(zip(sizes, rows), key=lambda pair: abs(pair[0] - middle)):
            path = Path(manifest).parent / row["filepath"]
            if row["label"] in sides and row.get("sha256") and path.is_file():
                generator, scene = row.get("generator") or "", row.get("group") or ""
                sides[row["label"]].append(Picture(path, row["label"], generator, scene, row["sha256"]))
    return _matched(sides["real"], _in_turn(sides["ai"]))[:MAX_PAIRS]


def _matched(photos: list[Picture], generated: list[Picture]) -> list[tuple[Picture, Picture]]:
    """Each generated image with a photo of the same scene, or else any photo; no photo and no scene twice."""
    pairs, used = [], set()
    for one in generated:
        free = [p for p in photos if p.scene not in used]
        photo = next((p for p in free if p.scene == one.scene), next(iter(free), None))
        if photo is None or (one.scene in used):
            continue
        used |= {photo.scene, one.scene}
        pairs.append((photo, one))
    return pairs


def _in_turn(pictures: list[Picture]) -> list[Picture]:
    """One of each generator, then the next of each."""
    by_generator: dict[str, list[Picture]] = {}
    for picture in pictures:
        by_generator.setdefault(picture.generator, []).append(picture)
    rounds = range(max((len(p) for p in by_generator.values()), default=0))
    return [by_generator[name][r] for r in rounds for name in sorted(by_generator) if r < len(by_generator[name])]


def image_png(picture: Picture) -> bytes | None:
    """The image itself as PNG, or None if it cannot be read."""
    return _image_png(str(picture.path), picture.sha256)


@st.cache_data(max_entries=24, ttl=3600, show_spinner=False)
def _image_png(_path: str, sha256: str) -> bytes | None:
    image = _open(_path)
    return None if image is None else _png(image.rgb)


def map_png(picture: Picture, group: str, name: str) -> bytes | None:
    """One map of one group as PNG; None if it is not available for this image. Cached by content and group version."""
    return _map_png(str(picture.path), picture.sha256, group, all_groups()[group].version, name)


@st.cache_data(max_entries=128, ttl=3600, show_spinner=False)
def _map_png(_path: str, sha256: str, group: str, version: int, name: str) -> bytes | None:
    from cgid.forensics.maps import maps

    image = _open(_path)
    maps_by_name = {} if image is None else maps(image, [f"{group}.{name}"])
    return next((_png(pixels) for pixels in maps_by_name.values()), None)


def values(picture: Picture, group: str) -> dict[str, float]:
    """{column: value or NaN} of one group; {} if the image cannot be read."""
    states = tuple((k, g.version, g.variant() if g.variant else "") for k, g in select_groups(group).items())
    return _values(str(picture.path), picture.sha256, group, states)


@st.cache_data(max_entries=256, ttl=3600, show_spinner=False)
def _values(_path: str, sha256: str, group: str, states: tuple) -> dict[str, float]:
    from cgid.features.group import extract

    image = _open(_path)
    if image is None:
        return {}
    measured, _ = extract(image, select_groups(group))
    return {column: measured[column] for column in all_groups()[group].columns}


def _open(path: str):
    from cgid.errors import InputError
    from cgid.imaging.image_file import ImageFile

    try:
        return ImageFile.open(path)
    except InputError:
        return None


def _png(pixels) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()

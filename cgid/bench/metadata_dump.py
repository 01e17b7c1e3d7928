"""Everything a file says about itself in one table: where it stands, its name, its value; raw beside interpreted.

All of it is a stranger's text. It is bounded in rows and length here; whoever shows it shows it as text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from PIL import ExifTags

from cgid.bench import exif_words, flattened
from cgid.bench.structure import icc
from cgid.bench.structure.node import Node, ParseContext, Span
from cgid.bench.structure.tree import Structure
from cgid.errors import InputError
from cgid.features.image import ImageFile
from cgid.features.parsers import content_credentials, exif_facts, iptc_iim, xmp
from cgid.features.parsers.text_fields import iptc_record, texts

MOST_ROWS = 5000
LONGEST = 4000  # characters of a value
_MAKER_NOTE = 0x927C
_INTEROPERABILITY = 0xA005


@dataclass(frozen=True, slots=True)
class Row:
    """where: `EXIF`, `GPS`, `XMP`, … value: interpreted, cut. raw: as stored where that differs, cut; else ""."""

    where: str
    name: str
    value: str
    raw: str = ""


def rows(image: ImageFile) -> list[Row]:
    """Of a picture that could be read; at most MOST_ROWS. Never raises."""
    found: list[Row] = []
    for source in (_file, _exif, _iptc, _texts, _xmp, _profile, _credentials):
        for row in source(image):
            if len(found) >= MOST_ROWS:
                return found
            found.append(row)
    return found


def of_structure(taken_apart: Structure) -> list[Row]:
    """What stands in the parts of a file that cannot be decoded: tags, texts, sizes."""
    found: list[Row] = []
    path: list[str] = []
    for depth, node in taken_apart.nodes():
        path[depth:] = [node.name]
        fields = [(k, v) for k, v in node.fields if k not in ("tag", "type")]
        for label, text in fields[: max(0, MOST_ROWS - len(found))]:
            parent = " / ".join(path[1:-1] if label == "value" else path[1:])
            found.append(Row(parent or "file", node.name if label == "value" else label, cut(text)))
    return found


def search(found: Iterable[Row], asked: str) -> list[Row]:
    """Rows in which every word stands, in whatever field, in upper or lower case."""
    words = asked.casefold().split()
    return [r for r in found if all(w in f"{r.where}\n{r.name}\n{r.value}\n{r.raw}".casefold() for w in words)]


def cut(text: str) -> str:
    """At most LONGEST characters, told where it was longer."""
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}… (cut after {LONGEST:,} of {len(text):,} characters)"


def _row(where: str, name: object, value: str, raw: str = "") -> Row:
    return Row(where, cut(str(name)), cut(value), "" if raw == value else cut(raw))


def _file(image: ImageFile) -> Iterator[Row]:
    yield _row("File", "Format", image.format)
    yield _row("File", "Bytes", f"{len(image.data):,}")
    yield _row("File", "Size as stored", f"{image.width} x {image.height} px")
    yield _row("File", "Mode", f"{image.mode}, {image.bits} bits a channel")
    if image.frames > 1:
        yield _row("File", "Frames", str(image.frames))
    if image.exif_error:
        yield _row("File", "EXIF cannot be read", image.exif_error)


def _exif(image: ImageFile) -> Iterator[Row]:
    pointers = {0x8769, 0x8825, _INTEROPERABILITY}
    yield from _tags("EXIF main", _main(image), pointers)
    yield from _tags("EXIF camera", exif_facts.block(image, "exif"), pointers)
    yield from _tags("GPS", exif_facts.block(image, "gps"), set(), ExifTags.GPSTAGS)
    yield from _tags("EXIF thumbnail", exif_facts.block(image, "thumbnail"), set())


def _main(image: ImageFile) -> dict[int, Any]:
    found = {}
    for tag in list(image.exif):
        try:
            found[tag] = image.exif[tag]
        except Exception:  # Pillow reads a tag when it is asked for, and raises anything on a broken one
            found[tag] = "cannot be read"
    return found


def _tags(where: str, tags: dict[int, Any], skipped: set[int], names: dict[int, str] = ExifTags.TAGS) -> Iterator[Row]:
    for tag, value in tags.items():
        if tag in skipped:
            continue
        name = names.get(tag, f"tag {tag:#06x}")
        if tag == _MAKER_NOTE and isinstance(value, bytes):
            head = "".join(chr(b) if 32 <= b < 127 else "." for b in value[:16])
            yield _row(where, name, f"{len(value):,} bytes of the maker's own notes, beginning with {head}")
            continue
        if isinstance(value, str):
            value = value.strip("\0")
        yield _row(where, name, exif_words.shown(name, value), exif_words.raw(value))


def _iptc(image: ImageFile) -> Iterator[Row]:
    yield from (_row("IPTC", name, text) for name, text in iptc_iim.texts(iptc_record(image)))


def _texts(image: ImageFile) -> Iterator[Row]:
    for text in texts(image):
        if text.place not in ("EXIF", "IPTC"):
            yield _row(text.place, text.key, text.text)
            yield from _within(text.place, text.key, text.text)


def _within(where: str, key: str, text: str) -> Iterator[Row]:
    """The leaves of a text that is JSON, as generators write their settings and workflows."""
    if text.lstrip()[:1] not in ("{", "["):
        return
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):  # a text that only looks like JSON stays a text
        return
    yield from (_row(where, f"{key}/{path}", leaf) for path, leaf in flattened.json_value(value))


def _xmp(image: ImageFile) -> Iterator[Row]:
    packet = xmp.packet(image)
    if not packet.strip(b"\0 \r\n\t"):
        return
    found = flattened.xmp(packet)
    if isinstance(found, str):
        yield _row("XMP", "cannot be read", found, packet[:LONGEST].decode("utf-8", "replace"))
    else:
        yield from (_row("XMP", path, text) for path, text in found)


def _profile(image: ImageFile) -> Iterator[Row]:
    raw = image.info.get("icc_profile")
    if not isinstance(raw, bytes) or not raw:
        return
    yield _row("Colour profile", "Bytes", f"{len(raw):,}")
    nodes: list[Node] = icc.profile(Span(ParseContext(raw), 0, 0, len(raw)))
    for node in nodes:
        for label, text in node.fields:
            yield _row("Colour profile", node.what if label == "text" else label, text)


def _credentials(image: ImageFile) -> Iterator[Row]:
    try:
        store = image.once(content_credentials.store)
    except InputError as problem:  # a broken list of trusted roots is the operator's, not the file's
        yield _row("Content credentials", "cannot be judged", str(problem))
        return
    if isinstance(store, str):
        yield _row("Content credentials", "cannot be read", store)
    elif store is not None:
        yield from (_row("Content credentials", path, text) for path, text in flattened.json_value(store))

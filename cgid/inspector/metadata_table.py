"""All metadata of a file in one table: location, name, interpreted value and raw value.

All of it is untrusted text, bounded here in rows and length; it must be displayed as plain text. Nested metadata become
(path, text) pairs: XMP's XML as `dc:creator[1]`, a JSON object as `manifests/x/claim_generator`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from PIL import ExifTags

from cgid.errors import InputError
from cgid.fileformat import icc, photoshop
from cgid.fileformat.node import Node, ParseContext, Span
from cgid.fileformat.tree import Structure
from cgid.imaging.image_file import ImageFile
from cgid.inspector import exif_text
from cgid.metadata import content_credentials, exif, xmp
from cgid.metadata.text_fields import iptc_record, text_fields

MAX_PAIRS = 3000
MAX_PATH_CHARS = 300  # characters: each of many children repeats its parents' names
MAX_XMP_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 40
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_LISTS = {f"{{{_RDF}}}{name}" for name in ("Bag", "Seq", "Alt")}
_SKIPPED = {f"{{{_RDF}}}{name}" for name in ("RDF", "Description")}
_PREFIXES = {
    _RDF: "rdf",
    "adobe:ns:meta/": "x",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/xap/1.0/mm/": "xmpMM",
    "http://ns.adobe.com/xap/1.0/g/img/": "xmpGImg",
    "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#": "stEvt",
    "http://ns.adobe.com/xap/1.0/sType/ResourceRef#": "stRef",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/camera-raw-settings/1.0/": "crs",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://ns.adobe.com/exif/1.0/aux/": "aux",
    "http://cipa.jp/exif/1.0/": "exifEX",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
    "http://ns.google.com/photos/1.0/camera/": "GCamera",
    "http://ns.google.com/photos/1.0/container/": "Container",
    "http://ns.google.com/photos/1.0/container/item/": "Item",
    "http://www.w3.org/XML/1998/namespace": "xml",
    "http://www.tc260.org.cn/ns/AIGC/1.0/": "TC260",
}


def xmp_pairs(packet: bytes) -> list[tuple[str, str]] | str:
    """Pairs in document order; a sentence if the packet is too long, hostile or not XML."""
    packet = packet.strip(b"\0 \r\n\t")
    if len(packet) > MAX_XMP_BYTES:
        return f"The XMP packet has {len(packet):,} bytes; at most {MAX_XMP_BYTES:,} are read."
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(packet, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError) as problem:
        return f"The XMP packet is not well-formed XML ({type(problem).__name__})."
    pairs: list[tuple[str, str]] = []
    ahead: list[tuple[str, Any, int]] = [("", root, 0)]
    while ahead and len(pairs) < MAX_PAIRS:
        path, element, depth = ahead.pop()
        pairs += [(_child_path(path, _name(k)), v) for k, v in element.attrib.items() if not k.endswith("}about")]
        text = (element.text or "").strip()
        if text and path:
            pairs.append((path, text))
        if depth < MAX_DEPTH:
            ahead += reversed([(p, child, depth + 1) for p, child in _children(path, element)])
    return pairs[:MAX_PAIRS]


def _children(path: str, element: Any) -> Iterator[tuple[str, Any]]:
    listed = element.tag in _LISTS
    for place, child in enumerate(element, 1):
        if listed:
            yield _truncate_path(f"{path}[{place}]"), child
        elif child.tag in _LISTS or child.tag in _SKIPPED:
            yield path, child
        else:
            yield _child_path(path, _name(child.tag)), child


def _name(tag: object) -> str:
    space, _, local = str(tag).rpartition("}")
    prefix = _PREFIXES.get(space.lstrip("{"), space.rstrip("/#").rsplit("/", 1)[-1])
    return f"{prefix}:{local}" if prefix else local


def _child_path(path: str, name: str) -> str:
    return _truncate_path(f"{path}/{name}".lstrip("/"))


def _truncate_path(path: str) -> str:
    return path if len(path) <= MAX_PATH_CHARS else f"{path[: MAX_PATH_CHARS - 1]}…"


def json_pairs(value: Any) -> list[tuple[str, str]]:
    """Every leaf of a JSON value with its path; empty objects and lists are leaves too."""
    pairs: list[tuple[str, str]] = []
    ahead: list[tuple[str, Any]] = [("", value)]
    while ahead and len(pairs) < MAX_PAIRS:
        path, here = ahead.pop()
        if isinstance(here, dict) and here:
            ahead += reversed([(_child_path(path, str(key)), inner) for key, inner in here.items()])
        elif isinstance(here, list) and here:
            ahead += reversed([(_truncate_path(f"{path}[{i}]"), inner) for i, inner in enumerate(here, 1)])
        else:
            text = here if isinstance(here, str) else "" if here in ({}, []) else str(here)
            pairs.append((path, "none" if here is None else text))
    return pairs


MAX_ROWS = 5000
MAX_VALUE_CHARS = 4000  # characters of a value
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
    """All metadata rows of a readable image; at most MAX_ROWS. Never raises."""
    collected: list[Row] = []
    for source in (_file, _exif, _iptc, _texts, _xmp, _profile, _credentials):
        for row in source(image):
            if len(collected) >= MAX_ROWS:
                return collected
            collected.append(row)
    return collected


def structure_rows(structure: Structure) -> list[Row]:
    """Rows from the parts of a file that cannot be decoded: tags, texts, sizes."""
    collected: list[Row] = []
    path: list[str] = []
    for depth, node in structure.nodes():
        path[depth:] = [node.name]
        fields = [(k, v) for k, v in node.fields if k not in ("tag", "type")]
        for label, text in fields[: max(0, MAX_ROWS - len(collected))]:
            parent = " / ".join(path[1:-1] if label == "value" else path[1:])
            collected.append(Row(parent or "file", node.name if label == "value" else label, truncate(text)))
    return collected


def search(rows_to_search: Iterable[Row], query: str) -> list[Row]:
    """Rows that contain every word of the query, in any field, ignoring case."""
    terms = query.casefold().split()
    return [r for r in rows_to_search if all(w in f"{r.where}\n{r.name}\n{r.value}\n{r.raw}".casefold() for w in terms)]


def truncate(text: str) -> str:
    """At most MAX_VALUE_CHARS characters, with a note if the text was longer."""
    if len(text) <= MAX_VALUE_CHARS:
        return text
    return f"{text[:MAX_VALUE_CHARS]}… (cut after {MAX_VALUE_CHARS:,} of {len(text):,} characters)"


def _row(where: str, name: object, value: str, raw: str = "") -> Row:
    return Row(where, truncate(str(name)), truncate(value), "" if raw == value else truncate(raw))


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
    yield from _tags("EXIF main", _main_tags(image), pointers)
    yield from _tags("EXIF camera", exif.ifd(image, "exif"), pointers)
    yield from _tags("GPS", exif.ifd(image, "gps"), set(), ExifTags.GPSTAGS)
    yield from _tags("EXIF thumbnail", exif.ifd(image, "thumbnail"), set())


def _main_tags(image: ImageFile) -> dict[int, Any]:
    tags = {}
    for tag in list(image.exif):
        try:
            tags[tag] = image.exif[tag]
        except Exception:  # Pillow parses tags lazily and may raise any error on a broken one
            tags[tag] = "cannot be read"
    return tags


def _tags(where: str, tags: dict[int, Any], skipped: set[int], names: dict[int, str] = ExifTags.TAGS) -> Iterator[Row]:
    for tag, value in tags.items():
        if tag in skipped:
            continue
        name = names.get(tag, f"tag {tag:#06x}")
        if tag == _MAKER_NOTE and isinstance(value, bytes):
            head = "".join(chr(b) if 32 <= b < 127 else "." for b in value[:16])
            yield _row(where, name, f"{len(value):,} bytes of maker notes, beginning with {head}")
            continue
        if isinstance(value, str):
            value = value.strip("\0")
        yield _row(where, name, exif_text.describe(name, value), exif_text.raw_text(value))


def _iptc(image: ImageFile) -> Iterator[Row]:
    yield from (_row("IPTC", name, text) for name, text in photoshop.iptc_texts(iptc_record(image)))


def _texts(image: ImageFile) -> Iterator[Row]:
    for text in text_fields(image):
        if text.place not in ("EXIF", "IPTC"):
            yield _row(text.place, text.key, text.text)
            yield from _json_rows(text.place, text.key, text.text)


def _json_rows(where: str, key: str, text: str) -> Iterator[Row]:
    """The leaves of a JSON text, as generators write their settings and workflows."""
    if text.lstrip()[:1] not in ("{", "["):
        return
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):  # only looks like JSON
        return
    yield from (_row(where, f"{key}/{path}", leaf) for path, leaf in json_pairs(value))


def _xmp(image: ImageFile) -> Iterator[Row]:
    packet = xmp.packet(image)
    if not packet.strip(b"\0 \r\n\t"):
        return
    pairs = xmp_pairs(packet)
    if isinstance(pairs, str):
        yield _row("XMP", "cannot be read", pairs, packet[:MAX_VALUE_CHARS].decode("utf-8", "replace"))
    else:
        yield from (_row("XMP", path, text) for path, text in pairs)


def _profile(image: ImageFile) -> Iterator[Row]:
    raw = image.info.get("icc_profile")
    if not isinstance(raw, bytes) or not raw:
        return
    yield _row("Colour profile", "Bytes", f"{len(raw):,}")
    nodes: list[Node] = icc.parse_profile(Span(ParseContext(raw), 0, 0, len(raw)))
    for node in nodes:
        for label, text in node.fields:
            yield _row("Colour profile", node.what if label == "text" else label, text)


def _credentials(image: ImageFile) -> Iterator[Row]:
    try:
        store = image.cached(content_credentials.manifest_store)
    except InputError as problem:  # a broken trust list is the operator's problem, not the file's
        yield _row("Content credentials", "cannot be validated", str(problem))
        return
    if isinstance(store, str):
        yield _row("Content credentials", "cannot be read", store)
    elif store is not None:
        yield from (_row("Content credentials", path, text) for path, text in json_pairs(store))

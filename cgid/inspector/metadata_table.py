"""Everything a file says about itself in one table: where it stands, its name, its value; raw beside interpreted.

All of it is a stranger's text. It is bounded in rows and length here; whoever shows it shows it as text.

Nested metadata as (path, text) pairs: XMP's XML as `dc:creator[1]`, a JSON object as `manifests/x/claim_generator`.
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
from cgid.metadata import content_credentials, exif
from cgid.metadata import xmp as metadata_xmp
from cgid.metadata.text_fields import iptc_record, texts

MOST_PAIRS = 3000
LONGEST_PATH = 300  # characters: each of many children repeats its parents' names
MOST_BYTES = 4 * 1024 * 1024
DEEPEST = 40
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


def xmp(packet: bytes) -> list[tuple[str, str]] | str:
    """Pairs in document order; a sentence where the packet is too long, hostile or no XML."""
    packet = packet.strip(b"\0 \r\n\t")
    if len(packet) > MOST_BYTES:
        return f"The XMP packet has {len(packet):,} bytes; at most {MOST_BYTES:,} are read."
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(packet, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError) as problem:
        return f"The XMP packet is no well-formed XML ({type(problem).__name__})."
    pairs: list[tuple[str, str]] = []
    ahead: list[tuple[str, Any, int]] = [("", root, 0)]
    while ahead and len(pairs) < MOST_PAIRS:
        path, element, depth = ahead.pop()
        pairs += [(_below(path, _name(k)), v) for k, v in element.attrib.items() if not k.endswith("}about")]
        text = (element.text or "").strip()
        if text and path:
            pairs.append((path, text))
        if depth < DEEPEST:
            ahead += reversed([(p, child, depth + 1) for p, child in _children(path, element)])
    return pairs[:MOST_PAIRS]


def _children(path: str, element: Any) -> Iterator[tuple[str, Any]]:
    listed = element.tag in _LISTS
    for place, child in enumerate(element, 1):
        if listed:
            yield _cut(f"{path}[{place}]"), child
        elif child.tag in _LISTS or child.tag in _SKIPPED:
            yield path, child
        else:
            yield _below(path, _name(child.tag)), child


def _name(tag: object) -> str:
    space, _, local = str(tag).rpartition("}")
    prefix = _PREFIXES.get(space.lstrip("{"), space.rstrip("/#").rsplit("/", 1)[-1])
    return f"{prefix}:{local}" if prefix else local


def _below(path: str, name: str) -> str:
    return _cut(f"{path}/{name}".lstrip("/"))


def _cut(path: str) -> str:
    return path if len(path) <= LONGEST_PATH else f"{path[: LONGEST_PATH - 1]}…"


def json_value(value: Any) -> list[tuple[str, str]]:
    """Every leaf of a JSON value with its path; empty objects and lists are leaves too."""
    pairs: list[tuple[str, str]] = []
    ahead: list[tuple[str, Any]] = [("", value)]
    while ahead and len(pairs) < MOST_PAIRS:
        path, here = ahead.pop()
        if isinstance(here, dict) and here:
            ahead += reversed([(_below(path, str(key)), inner) for key, inner in here.items()])
        elif isinstance(here, list) and here:
            ahead += reversed([(_cut(f"{path}[{i}]"), inner) for i, inner in enumerate(here, 1)])
        else:
            text = here if isinstance(here, str) else "" if here in ({}, []) else str(here)
            pairs.append((path, "none" if here is None else text))
    return pairs


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
    yield from _tags("EXIF camera", exif.block(image, "exif"), pointers)
    yield from _tags("GPS", exif.block(image, "gps"), set(), ExifTags.GPSTAGS)
    yield from _tags("EXIF thumbnail", exif.block(image, "thumbnail"), set())


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
        yield _row(where, name, exif_text.shown(name, value), exif_text.raw(value))


def _iptc(image: ImageFile) -> Iterator[Row]:
    yield from (_row("IPTC", name, text) for name, text in photoshop.texts(iptc_record(image)))


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
    yield from (_row(where, f"{key}/{path}", leaf) for path, leaf in json_value(value))


def _xmp(image: ImageFile) -> Iterator[Row]:
    packet = metadata_xmp.packet(image)
    if not packet.strip(b"\0 \r\n\t"):
        return
    found = xmp(packet)
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
        yield from (_row("Content credentials", path, text) for path, text in json_value(store))

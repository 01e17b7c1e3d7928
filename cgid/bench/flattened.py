"""Nested metadata as (path, text) pairs: XMP's XML as `dc:creator[1]`, a JSON object as `manifests/x/claim_generator`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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

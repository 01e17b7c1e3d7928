"""Reads XMP packets as hostile XML: size-limited, no entities, no external references. Nothing raises.

Names are read without their namespace, since writers disagree about prefixes. Source: ISO 16684-1.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cgid.fileformat import png
from cgid.imaging.image_file import ImageFile

MAX_BYTES = 2 * 1024 * 1024


@dataclass
class Xmp:
    """values: {local name: texts in order}. broken: the packet is not well-formed, too long or hostile."""

    present: bool = False
    size: int = 0
    broken: bool = False
    values: dict[str, list[str]] = field(default_factory=dict)

    def first(self, name: str) -> str:
        return next(iter(self.values.get(name, ())), "")

    @property
    def history(self) -> int:
        """Editing steps recorded by xmpMM:History."""
        return len(self.values.get("action", ()))


def packet(image: ImageFile) -> bytes:
    """The packet from its proper place in the container; empty if there is none."""
    if image.format == "PNG":
        chunks = image.png
        text = next((text.encode("utf-8") for key, text in chunks.texts if key == "XML:com.adobe.xmp"), b"")
        return text or png.raw_profile(chunks, "xmp")
    raw = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    if not raw and image.format == "TIFF":
        raw = image.exif.get(700) or b""
    if isinstance(raw, str):
        raw = raw.encode("utf-8", "replace")
    return raw if isinstance(raw, bytes) else b""


def read_xmp(image: ImageFile) -> Xmp:
    """Parse the image's XMP packet."""
    raw = packet(image).strip(b"\0 \r\n\t")
    if not raw:
        return Xmp()
    xmp = Xmp(present=True, size=len(raw))
    if len(raw) > MAX_BYTES:
        xmp.broken = True
        return xmp
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(raw, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError):
        xmp.broken = True
        return xmp
    for element in root.iter():
        text = (element.text or "").strip()
        if text:
            xmp.values.setdefault(_local(element.tag), []).append(text)
        for name, value in element.attrib.items():
            xmp.values.setdefault(_local(name), []).append(value)
        if _local(element.tag) == "li" and text:
            xmp.values.setdefault("items", []).append(text)
    return xmp


def _local(name: object) -> str:
    return str(name).rsplit("}", 1)[-1]

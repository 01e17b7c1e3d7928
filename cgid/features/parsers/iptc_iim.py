"""An IPTC record as texts by field name: credit, caption, program. Broken records end the reading.

Source: IPTC-NAA Information Interchange Model 4.2, chapter 5 (application record): marker 0x1C, record, data set, length.
"""

from __future__ import annotations

FIELDS = {
    (2, 5): "ObjectName",
    (2, 40): "SpecialInstructions",
    (2, 65): "OriginatingProgram",
    (2, 80): "By-line",
    (2, 110): "Credit",
    (2, 115): "Source",
    (2, 116): "CopyrightNotice",
    (2, 120): "Caption",
}
MAX_FIELDS = 500


def texts(raw: bytes) -> list[tuple[str, str]]:
    """(field name, text) in order; fields without a name here read as `record:data set`. Never raises."""
    fields: list[tuple[str, str]] = []
    at, utf8 = 0, False
    while at + 5 <= len(raw) and raw[at] == 0x1C and len(fields) < MAX_FIELDS:
        data_set, size = (raw[at + 1], raw[at + 2]), int.from_bytes(raw[at + 3 : at + 5], "big")
        at += 5
        if size & 0x8000:
            # An extended length: the field says how many bytes hold it.
            width = size & 0x7FFF
            if width > 4:
                break
            size, at = int.from_bytes(raw[at : at + width], "big"), at + width
        body = raw[at : at + size]
        at += size
        if data_set == (1, 90):
            utf8 = body == b"\x1b%G"
        elif data_set[0] == 2 and data_set[1] != 0:
            name = FIELDS.get(data_set, f"{data_set[0]}:{data_set[1]}")
            fields.append((name, _decode(body, utf8)))
    return fields


def _decode(body: bytes, utf8: bool) -> str:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace") if utf8 else body.decode("latin-1")
    return text.strip("\0 \r\n\t")

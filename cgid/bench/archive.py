"""All filters of the bench at their defaults in one ZIP, written piece by piece so that memory holds one picture."""

from __future__ import annotations

import io
import json
import logging
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from typing import IO

from PIL import Image

from cgid.bench.export import Inspection, csv, inspection, png
from cgid.bench.filter import Drawn, Filter
from cgid.bench.registry import all_filters
from cgid.bench.view import View

MOST_BYTES = 400_000_000
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a ZIP can say: the same view gives the same file


def each(view: View) -> Iterator[tuple[Filter, Drawn | None]]:
    """Every filter with its default picture, in the order of the shelves; None where it fails on this image."""
    for one in all_filters().values():
        try:
            yield one, one.run(view)
        except Exception as problem:  # the edge where one filter fails on one image and the others stand
            logging.getLogger(__name__).warning("filter %s of %s: %r", one.name, view.image.name, problem)
            yield one, None


def write(view: View, file: IO[bytes], most_bytes: int = MOST_BYTES) -> list[Inspection]:
    """The ZIP: picture.png, a PNG or CSV each, and findings.json that names them all. What was drawn.

    A filter that fails, or would make the file longer than `most_bytes`, is named in findings.json without a file.
    """
    made: list[Inspection] = []
    left_out: dict[str, str] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        _put(archive, "picture.png", _plain_png(view))
        for one, drawn in each(view):
            if drawn is None:
                left_out[one.name] = "It could not be drawn on this picture."
                continue
            about = inspection(one, view, {}, drawn)
            pieces = {}
            if drawn.picture is not None:
                pieces[f"{one.name}.png"] = png(about, drawn.picture)
            if drawn.columns:
                pieces[f"{one.name}.csv"] = csv(about, drawn.columns)
            if file.tell() + sum(map(len, pieces.values())) > most_bytes:
                left_out[one.name] = "The archive would have grown too large."
                continue
            for name, data in pieces.items():
                _put(archive, name, data)
            made.append(about)
        told = {"drawn": [asdict(about) for about in made], "left_out": left_out}
        _put(archive, "findings.json", (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode())
    return made


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, EPOCH), data)


def _plain_png(view: View) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(view.rgb).save(buffer, "PNG")
    return buffer.getvalue()

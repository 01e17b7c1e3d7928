"""Lets a map leave the bench with all that made it, so that whoever gets the file can draw the same picture again.

The PNG carries what made it as text chunks (PNG specification, 11.3.3): the standard keywords for people, and one JSON
document for `read`. A plot leaves as CSV, whose first lines say the same.

All filters of the bench at their defaults in one ZIP, written piece by piece so that memory holds one picture.
"""

from __future__ import annotations

import io
import json
import logging
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import IO, Any

import numpy as np
from PIL import Image, PngImagePlugin

from cgid import __version__
from cgid.errors import InputError
from cgid.imaging.image_file import ImageFile
from cgid.inspector.filter import Drawn, Filter, all_filters
from cgid.inspector.view import View

KEYWORD = "cgid-inspection"
LONGEST_RECORD = 16_384  # characters of JSON that `read` takes from a stranger's file
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Inspection:
    """What made a picture of the bench.

    filter, version, params: `Filter.name`, its version, all its parameters. box: left, top, width, height in px of the
    file's own orientation. image, sha256: the file's name (one plain line) and content. cgid: version of this program.
    finding: the sentence that goes with the picture.
    """

    filter: str
    version: int
    params: dict[str, Any]
    box: tuple[int, int, int, int]
    image: str
    sha256: str
    cgid: str
    finding: str


def inspection(one: Filter, view: View, params: Mapping[str, Any], drawn: Drawn) -> Inspection:
    """params: as given to `Filter.run`; what was not given stands there with its default."""
    name = "".join(c if c.isprintable() else " " for c in view.image.name)[:LONGEST_NAME]
    box = (view.left, view.top, view.width, view.height)
    return Inspection(
        one.name, one.version, one.values(params), box, name, view.image.sha256, __version__, drawn.finding
    )


def png(made: Inspection, picture: np.ndarray, title: str = "") -> bytes:
    """The picture as PNG with what made it in its text chunks; the same bytes each time. title: the filter's own."""
    title = title or all_filters()[made.filter].title
    text = PngImagePlugin.PngInfo()
    for keyword, value in {
        "Title": f"{title} of {made.image}",
        "Description": made.finding,
        "Software": f"cgid {made.cgid}",
        "Source": f"{made.image}, sha256 {made.sha256}",
        KEYWORD: json.dumps(asdict(made), sort_keys=True),
    }.items():
        text.add_itxt(keyword, value)
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture)).save(buffer, "PNG", pnginfo=text, compress_level=6)
    return buffer.getvalue()


def csv(made: Inspection, columns: Mapping[str, np.ndarray]) -> bytes:
    """A plot's numbers as CSV; lines that begin with # say what made them."""
    lines = [f"# {name}: {_told(value)}" for name, value in asdict(made).items()]
    lines.append(",".join(columns))
    for row in zip(*(np.asarray(c).tolist() for c in columns.values())):
        lines.append(",".join(_cell(value) for value in row))
    return ("\n".join(lines) + "\n").encode()


def _told(value: Any) -> str:
    """JSON; commas within a text are written \\u002c, so that none of it, a file's name least, becomes a cell of its own."""
    text = json.dumps(value)
    return text.replace(",", "\\u002c").replace(";", "\\u003b") if isinstance(value, str) else text


def _cell(value: Any) -> str:
    text = repr(value) if isinstance(value, float) else str(value)
    return '"' + text.replace('"', '""') + '"' if re.search(r'[",\n]', text) else text


def read(data: bytes) -> Inspection:
    """What made a PNG of the bench. Raises InputError where it is none, or its record makes no sense."""
    try:
        header, image = ImageFile.decode(data, "the file")  # with its pixels: text may follow them
        if header.format != "PNG":
            raise InputError("This is not a PNG.")
        said = getattr(image, "text", {}).get(KEYWORD)
    except InputError as problem:
        raise InputError("This is not a PNG that can be read.") from problem
    if not said:
        raise InputError("This PNG does not say which filter made it; it was not made by this program.")
    try:
        if len(said) > LONGEST_RECORD:
            raise ValueError("too long")
        return _inspection(json.loads(said))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as problem:
        raise InputError("What this PNG says about its making makes no sense.") from problem


def _inspection(told: Mapping[str, Any]) -> Inspection:
    left, top, width, height = (int(number) for number in told["box"])
    return Inspection(
        filter=str(told["filter"]), version=int(told["version"]), params=dict(told["params"]),
        box=(left, top, width, height), image=str(told["image"]), sha256=str(told["sha256"]),
        cgid=str(told["cgid"]), finding=str(told["finding"]),
    )  # fmt: skip


def again(made: Inspection, image: ImageFile) -> tuple[View, Drawn]:
    """Draw it again from the same file.

    Raises InputError where the file is another one, the filter is not there or has changed, or its values are refused.
    """
    one = all_filters().get(made.filter)
    if one is None:
        raise InputError(f"This version has no filter {made.filter!r}.")
    if one.version != made.version:
        raise InputError(f"{one.title} has changed: the picture is of version {made.version}, here is {one.version}.")
    if image.sha256 != made.sha256:
        raise InputError(f"{image.name} is not the file that was drawn ({made.image}); its content differs.")
    left, top, width, height = made.box
    view = View(image, left, top, max(1, width, height))
    if (view.left, view.top, view.width, view.height) != made.box:
        raise InputError("What this PNG says about its making makes no sense.")
    return view, one.run(view, made.params)


def file_name(made: Inspection, ending: str = "png") -> str:
    """`photo.bit_planes.bit-0.channel-red.x64-y0.png`: plain ASCII, at most 150 characters."""
    stem = made.image.rsplit(".", 1)[0] if "." in made.image[1:] else made.image
    parts = [stem[:40], made.filter]
    for name, value in made.params.items():
        shown = "-".join(f"{v:g}" for v in value) if isinstance(value, tuple | list) else value
        parts.append(f"{name}-{shown:g}" if isinstance(value, int | float) else f"{name}-{shown}")
    parts.append(f"x{made.box[0]}-y{made.box[1]}")
    plain = ".".join(re.sub(r"[^A-Za-z0-9_.-]+", "-", part).strip("-.") or "image" for part in parts)
    return f"{plain[: 149 - len(ending)]}.{ending}"


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

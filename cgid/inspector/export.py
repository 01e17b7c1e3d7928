"""Exports filter results with the record that reproduces them: a PNG, a CSV, or all filters in one ZIP archive.

The PNG carries its record in text chunks (PNG specification, 11.3.3): readable standard keywords, and one JSON document
for `read_png`. A plot is exported as CSV with the same record in its first lines. The archive is written one result at
a time, so that memory holds a single picture.
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
from cgid.inspector.filter import Filter, FilterResult, all_filters
from cgid.inspector.view import View

KEYWORD = "cgid-inspection"
MAX_RECORD_CHARS = 16_384  # characters of JSON that `read_png` accepts from an untrusted file
MAX_NAME_CHARS = 120


@dataclass(frozen=True, slots=True)
class Inspection:
    """The record of one filter result: what is needed to reproduce it.

    filter, version, params: `Filter.name`, its version, all its parameters. box: left, top, width, height in px of the
    file's own orientation. image, sha256: the file's name (one plain line) and digest. cgid: version of this program.
    finding: the sentence that states the result.
    """

    filter: str
    version: int
    params: dict[str, Any]
    box: tuple[int, int, int, int]
    image: str
    sha256: str
    cgid: str
    finding: str


def inspection_record(chosen: Filter, view: View, params: Mapping[str, Any], result: FilterResult) -> Inspection:
    """The record of a result. params: as given to `Filter.run`; the record also holds the defaults of the others."""
    name = "".join(c if c.isprintable() else " " for c in view.image.name)[:MAX_NAME_CHARS]
    box = (view.left, view.top, view.width, view.height)
    return Inspection(
        chosen.name, chosen.version, chosen.values(params), box, name, view.image.sha256, __version__, result.finding
    )


def to_png(recipe: Inspection, picture: np.ndarray, title: str = "") -> bytes:
    """The picture as PNG with its record in text chunks; deterministic. title: by default the filter's."""
    title = title or all_filters()[recipe.filter].title
    text = PngImagePlugin.PngInfo()
    for keyword, value in {
        "Title": f"{title} of {recipe.image}",
        "Description": recipe.finding,
        "Software": f"cgid {recipe.cgid}",
        "Source": f"{recipe.image}, sha256 {recipe.sha256}",
        KEYWORD: json.dumps(asdict(recipe), sort_keys=True),
    }.items():
        text.add_itxt(keyword, value)
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture)).save(buffer, "PNG", pnginfo=text, compress_level=6)
    return buffer.getvalue()


def to_csv(recipe: Inspection, columns: Mapping[str, np.ndarray]) -> bytes:
    """A plot's data as CSV; the lines that begin with # hold the record."""
    lines = [f"# {name}: {_json_value(value)}" for name, value in asdict(recipe).items()]
    lines.append(",".join(columns))
    for row in zip(*(np.asarray(c).tolist() for c in columns.values())):
        lines.append(",".join(_cell(value) for value in row))
    return ("\n".join(lines) + "\n").encode()


def _json_value(value: Any) -> str:
    """JSON; commas and semicolons within a text are escaped, so that no part of it, such as a file name, becomes a
    cell.
    """
    text = json.dumps(value)
    return text.replace(",", "\\u002c").replace(";", "\\u003b") if isinstance(value, str) else text


def _cell(value: Any) -> str:
    text = repr(value) if isinstance(value, float) else str(value)
    return '"' + text.replace('"', '""') + '"' if re.search(r'[",\n]', text) else text


def read_png(data: bytes) -> Inspection:
    """The record in an exported PNG. Raises InputError if there is none or it is invalid."""
    try:
        header, image = ImageFile.decode(data, "the file")  # with its pixels: text may follow them
        if header.format != "PNG":
            raise InputError("This is not a PNG.")
        text = getattr(image, "text", {}).get(KEYWORD)
    except InputError as problem:
        raise InputError("This file cannot be read as a PNG.") from problem
    if not text:
        raise InputError("This PNG has no record of a filter: it was not exported by this program.")
    try:
        if len(text) > MAX_RECORD_CHARS:
            raise ValueError("too long")
        return _parse_record(json.loads(text))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as problem:
        raise InputError("The filter record in this PNG is not valid.") from problem


def _parse_record(record: Mapping[str, Any]) -> Inspection:
    left, top, width, height = (int(number) for number in record["box"])
    return Inspection(
        filter=str(record["filter"]), version=int(record["version"]), params=dict(record["params"]),
        box=(left, top, width, height), image=str(record["image"]), sha256=str(record["sha256"]),
        cgid=str(record["cgid"]), finding=str(record["finding"]),
    )  # fmt: skip


def reproduce(recipe: Inspection, image: ImageFile) -> tuple[View, FilterResult]:
    """Apply the recorded filter to the same file again.

    Raises InputError if the file differs, the filter does not exist or has changed, or its parameters are rejected.
    """
    chosen = all_filters().get(recipe.filter)
    if chosen is None:
        raise InputError(f"This version has no filter {recipe.filter!r}.")
    if chosen.version != recipe.version:
        raise InputError(
            f"{chosen.title} has changed: the picture was made by version {recipe.version}, this is version {chosen.version}."
        )
    if image.sha256 != recipe.sha256:
        raise InputError(f"{image.name} is not the recorded image ({recipe.image}); its content differs.")
    left, top, width, height = recipe.box
    view = View(image, left, top, max(1, width, height))
    if (view.left, view.top, view.width, view.height) != recipe.box:
        raise InputError("The filter record in this PNG is not valid.")
    return view, chosen.run(view, recipe.params)


def file_name(recipe: Inspection, extension: str = "png") -> str:
    """`photo.bit_planes.bit-0.channel-red.x64-y0.png`: plain ASCII, at most 150 characters."""
    stem = recipe.image.rsplit(".", 1)[0] if "." in recipe.image[1:] else recipe.image
    parts = [stem[:40], recipe.filter]
    for name, value in recipe.params.items():
        shown = "-".join(f"{v:g}" for v in value) if isinstance(value, tuple | list) else value
        parts.append(f"{name}-{shown:g}" if isinstance(value, int | float) else f"{name}-{shown}")
    parts.append(f"x{recipe.box[0]}-y{recipe.box[1]}")
    plain = ".".join(re.sub(r"[^A-Za-z0-9_.-]+", "-", part).strip("-.") or "image" for part in parts)
    return f"{plain[: 149 - len(extension)]}.{extension}"


MAX_ARCHIVE_BYTES = 400_000_000
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date a ZIP can hold, so that the same view gives the same file


def apply_all(view: View) -> Iterator[tuple[Filter, FilterResult | None]]:
    """Every filter with its result at the defaults, in the order of the categories; None if it fails on this image."""
    for each in all_filters().values():
        try:
            yield each, each.run(view)
        except Exception as problem:  # one filter may fail on one image without affecting the others
            logging.getLogger(__name__).warning("filter %s of %s: %r", each.name, view.image.name, problem)
            yield each, None


def write_archive(view: View, file: IO[bytes], max_bytes: int = MAX_ARCHIVE_BYTES) -> list[Inspection]:
    """Write the ZIP archive: picture.png, a PNG or CSV for each filter, and findings.json. Returns the records.

    A filter that fails, or would make the archive exceed `max_bytes`, is listed in findings.json without a file.
    """
    recipes: list[Inspection] = []
    skipped: dict[str, str] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        _put(archive, "picture.png", _plain_png(view))
        for each, result in apply_all(view):
            if result is None:
                skipped[each.name] = "It failed on this image."
                continue
            recipe = inspection_record(each, view, {}, result)
            files = {}
            if result.picture is not None:
                files[f"{each.name}.png"] = to_png(recipe, result.picture)
            if result.columns:
                files[f"{each.name}.csv"] = to_csv(recipe, result.columns)
            if file.tell() + sum(map(len, files.values())) > max_bytes:
                skipped[each.name] = "The archive would have exceeded its size limit."
                continue
            for name, data in files.items():
                _put(archive, name, data)
            recipes.append(recipe)
        index = {"drawn": [asdict(recipe) for recipe in recipes], "left_out": skipped}
        _put(archive, "findings.json", (json.dumps(index, indent=1, ensure_ascii=False) + "\n").encode())
    return recipes


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, EPOCH), data)


def _plain_png(view: View) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(view.rgb).save(buffer, "PNG")
    return buffer.getvalue()

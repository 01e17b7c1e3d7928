"""Take in what people upload: a zip of images, or a manifest. An archive is hostile until every name is judged."""

from __future__ import annotations

import lzma
import os
import re
import shutil
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from cgid.artifacts import SCANNED_MANIFEST
from cgid.data.manifest import missing_files, parse_manifest, write_manifest
from cgid.data.params import ImportZipParams
from cgid.data.scan import describe, list_images
from cgid.errors import InputError
from cgid.fileformat.sniff import IMAGE_EXTENSIONS
from cgid.files import read_json, sha256_of, write_json
from cgid.imaging.limits import MAX_BYTES
from cgid.progress import Report, silent

MAX_TOTAL = 20 * 1024**3
MAX_FILES = 2_000_000
# Images hardly compress; a flat bitmap may by a thousand. Beyond both, an archive is a bomb.
MAX_RATIO = 200
_RATIO_COUNTS_FROM = 256 * 1024**2
_MAX_MANIFEST = 1024**3
_NOTE = ".cgid-archive.json"
_PIECE = 1024**2
# What zipfile and the decompressors raise for archives that are broken, by accident or on purpose.
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, RuntimeError, ValueError)


@dataclass(frozen=True, slots=True)
class _Member:
    info: zipfile.ZipInfo
    target: PurePosixPath


def import_zip(params: ImportZipParams, report: Report = silent) -> dict:
    """Unpack the images of a zip into `output_dir`, all or nothing, and write their manifest.

    Only files with an image's extension are unpacked; nested archives and everything else are counted and left out.
    A job that was killed and starts again goes on where the folder already holds this archive.
    Raises InputError: not a zip, damaged, encrypted, over the limits, a name that leads out of the folder, a link, no
    known layout inside, or a folder that holds something else.
    """
    archive, folder = params.archive, params.output_dir
    if not archive.is_file():
        raise InputError(f"{archive}: there is no such archive.")
    source, content = params.source or archive.stem, sha256_of(archive)
    ignored = _unpacked_before(folder, content)
    if ignored is None:
        ignored = _unpack(archive, folder, source, content, report)
    listing = list_images(folder, source, report=report)
    write_manifest(listing.frame, params.output)
    result = describe(listing, params.output)
    if ignored:
        result["ignored"] = {**result["ignored"], "files in the archive that are no images": ignored}
        result["summary"] = result["summary"].rstrip(".") + f"; {ignored:,} files of the archive are no images."
    return result | {"folder": str(folder)}


def import_manifest(data: bytes, name: str, destination: Path, base: Path | None = None) -> Path:
    """Check an uploaded manifest and write it as `destination`/manifest.csv. Returns that path.

    data: the file's content. name: what messages call it. base: folder its relative paths start from; default
    `destination`. Raises InputError where rows are not in order or none of the images is on this machine.
    """
    if len(data) > _MAX_MANIFEST:
        raise InputError(f"{name}: has {len(data):,} bytes; a manifest may have at most {_MAX_MANIFEST:,}.")
    frame = parse_manifest(data, name, base or destination)
    missing = missing_files(frame)
    if len(missing) == len(frame):
        raise InputError(
            f"{name}: none of its {len(frame):,} images is on this machine (the first is looked for at {missing[0]}); "
            "write absolute paths, or upload the images as a zip."
        )
    output = destination / SCANNED_MANIFEST
    write_manifest(frame, output)
    return output


def _unpacked_before(folder: Path, content: str) -> int | None:
    """Number of files left out when this very archive was unpacked here; None where the folder is free."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return None
    note = folder / _NOTE
    if note.is_file():
        known = read_json(note)
        if known.get("sha256") == content:
            return int(known.get("ignored", 0))
    raise InputError(f"{folder}: holds something else already; choose another name.")


def _unpack(archive: Path, folder: Path, source: str, content: str, report: Report) -> int:
    """Unpack beside `folder`, check the layout, move into place. Returns the number of files left out."""
    partial = folder.parent / f".{folder.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        with zipfile.ZipFile(archive) as bundle:
            members, ignored = _judge(bundle, archive.name)
            _need_space(folder, sum(m.info.file_size for m in members), archive.name)
            partial.mkdir(parents=True)
            _write(bundle, members, partial, archive.name, report)
        list_images(partial, source, name=archive.name)
        write_json(partial / _NOTE, {"sha256": content, "archive": archive.name, "ignored": ignored})
        if folder.exists():
            folder.rmdir()
        os.replace(partial, folder)
        return ignored
    except InputError:
        raise
    except _DAMAGE as error:
        raise InputError(f"{archive.name}: is no zip that can be unpacked ({error}).") from None
    except OSError as error:
        raise InputError(f"{archive.name}: cannot be unpacked ({error.strerror or error}).") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _judge(bundle: zipfile.ZipFile, name: str) -> tuple[list[_Member], int]:
    """The images of the archive and the number of other files. Raises InputError before anything is written."""
    infos = bundle.infolist()
    if len(infos) > MAX_FILES:
        raise InputError(f"{name}: holds {len(infos):,} files; at most {MAX_FILES:,} are unpacked.")
    members, ignored, seen, total, packed = [], 0, set(), 0, 0
    for info in infos:
        target = _target(info, name)
        if info.is_dir():
            continue
        if target.suffix.lower() not in IMAGE_EXTENSIONS or any(p.startswith((".", "__MACOSX")) for p in target.parts):
            ignored += 1
            continue
        if info.flag_bits & 0x1:
            raise InputError(f"{name}: is encrypted; unpack it and zip it again without a password.")
        if info.file_size > MAX_BYTES:
            raise InputError(f"{name}: `{target}` has {info.file_size:,} bytes; at most {MAX_BYTES:,} are unpacked.")
        if str(target).casefold() in seen:
            raise InputError(f"{name}: holds `{target}` twice (capitals aside); rename one.")
        seen.add(str(target).casefold())
        members.append(_Member(info, target))
        total, packed = total + info.file_size, packed + info.compress_size
    if total > MAX_TOTAL:
        raise InputError(
            f"{name}: unpacks to {total / 1024**3:.1f} GiB; at most {MAX_TOTAL / 1024**3:.0f} are allowed."
        )
    if total > _RATIO_COUNTS_FROM and total > MAX_RATIO * max(packed, 1):
        raise InputError(
            f"{name}: unpacks to {total // max(packed, 1):,} times its size; this is no archive of images."
        )
    if not members:
        raise InputError(f"{name}: holds no images.")
    return members, ignored


def _target(info: zipfile.ZipInfo, name: str) -> PurePosixPath:
    """The member's place below the folder. Raises InputError for a name that leads elsewhere and for links."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise InputError(f"{name}: {info.filename!a} is a link or special file; zip plain files only.")
    text = info.filename.replace("\\", "/")
    if text.startswith("/") or re.match(r"^[A-Za-z]:", text) or ".." in text.split("/"):
        raise InputError(f"{name}: {info.filename!a} leads out of the folder; zip with relative names only.")
    if any(ord(c) < 32 or ord(c) == 127 for c in text) or any(
        len(p.encode("utf-8", "replace")) > 255 for p in text.split("/")
    ):
        raise InputError(f"{name}: {info.filename[:80]!a} is no usable file name; rename it.")
    return PurePosixPath(text)


def _need_space(folder: Path, total: int, name: str) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder.parent).free
    if total > free:
        raise InputError(f"{name}: unpacks to {total / 1024**2:,.0f} MiB, but only {free / 1024**2:,.0f} MiB are free.")


def _write(bundle: zipfile.ZipFile, members: list[_Member], partial: Path, name: str, report: Report) -> None:
    for number, member in enumerate(members, 1):
        target = partial / member.target
        target.parent.mkdir(parents=True, exist_ok=True)
        left = member.info.file_size
        with bundle.open(member.info) as packed, open(target, "xb") as file:
            while piece := packed.read(_PIECE):
                left -= len(piece)
                if left < 0:
                    raise InputError(f"{name}: `{member.target}` is larger than the archive says; it is damaged.")
                file.write(piece)
        report(number, len(members), "images unpacked")

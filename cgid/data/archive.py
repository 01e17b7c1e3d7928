"""Import of uploads: a zip of images, or a manifest. Archives are untrusted until every member has been checked."""

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
from cgid.progress import Progress, silent

MAX_TOTAL_BYTES = 20 * 1024**3
MAX_FILES = 2_000_000
# Images hardly compress; a flat bitmap may by a factor of a thousand. Beyond both limits, the archive is a zip bomb.
MAX_RATIO = 200
_MIN_RATIO_BYTES = 256 * 1024**2
_MAX_MANIFEST_BYTES = 1024**3
_NOTE_FILE = ".cgid-archive.json"
_CHUNK_BYTES = 1024**2
# Errors that zipfile and the decompressors raise for damaged or malicious archives.
_DAMAGE_ERRORS = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, RuntimeError, ValueError)


@dataclass(frozen=True, slots=True)
class _Member:
    info: zipfile.ZipInfo
    target: PurePosixPath


def import_zip(params: ImportZipParams, progress: Progress = silent) -> dict:
    """Unpack the images of a zip into `output_dir`, all or nothing, and write their manifest.

    Only files with an image's extension are unpacked; nested archives and other files are counted and ignored.
    An interrupted job that starts again reuses a folder that already holds this archive.
    Raises InputError: not a zip, damaged, encrypted, over the limits, a name outside the folder, a link, no known
    layout inside, or a folder with other contents.
    """
    archive, folder = params.archive, params.output_dir
    if not archive.is_file():
        raise InputError(f"{archive}: there is no such archive.")
    source, content = params.source or archive.stem, sha256_of(archive)
    ignored = _previously_unpacked(folder, content)
    if ignored is None:
        ignored = _unpack(archive, folder, source, content, progress)
    scanned = list_images(folder, source, progress=progress)
    write_manifest(scanned.frame, params.output)
    result = describe(scanned, params.output)
    if ignored:
        result["ignored"] = {**result["ignored"], "files in the archive that are not images": ignored}
        result["summary"] = result["summary"].rstrip(".") + f"; {ignored:,} files of the archive are not images."
    return result | {"folder": str(folder)}


def import_manifest(data: bytes, name: str, destination: Path, base: Path | None = None) -> Path:
    """Check an uploaded manifest and write it as `destination`/manifest.csv. Returns that path.

    data: the file's content. name: for messages. base: folder its relative paths start from; default
    `destination`. Raises InputError where rows are invalid or none of the images is on this machine.
    """
    if len(data) > _MAX_MANIFEST_BYTES:
        raise InputError(f"{name}: has {len(data):,} bytes; a manifest may have at most {_MAX_MANIFEST_BYTES:,}.")
    frame = parse_manifest(data, name, base or destination)
    missing = missing_files(frame)
    if len(missing) == len(frame):
        raise InputError(
            f"{name}: none of its {len(frame):,} images is on this machine (the first is expected at {missing[0]}); "
            "write absolute paths, or upload the images as a zip."
        )
    output = destination / SCANNED_MANIFEST
    write_manifest(frame, output)
    return output


def _previously_unpacked(folder: Path, content: str) -> int | None:
    """Number of files ignored when the same archive was unpacked here; None where the folder is empty or missing."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return None
    note = folder / _NOTE_FILE
    if note.is_file():
        known = read_json(note)
        if known.get("sha256") == content:
            return int(known.get("ignored", 0))
    raise InputError(f"{folder}: already has other contents; choose another name.")


def _unpack(archive: Path, folder: Path, source: str, content: str, progress: Progress) -> int:
    """Unpack next to `folder`, check the layout, move into place. Returns the number of ignored files."""
    partial = folder.parent / f".{folder.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        with zipfile.ZipFile(archive) as bundle:
            members, ignored = _check_members(bundle, archive.name)
            _require_space(folder, sum(m.info.file_size for m in members), archive.name)
            partial.mkdir(parents=True)
            _write(bundle, members, partial, archive.name, progress)
        list_images(partial, source, name=archive.name)
        write_json(partial / _NOTE_FILE, {"sha256": content, "archive": archive.name, "ignored": ignored})
        if folder.exists():
            folder.rmdir()
        os.replace(partial, folder)
        return ignored
    except InputError:
        raise
    except _DAMAGE_ERRORS as error:
        raise InputError(f"{archive.name}: is not a readable zip file ({error}).") from None
    except OSError as error:
        raise InputError(f"{archive.name}: cannot be unpacked ({error.strerror or error}).") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _check_members(bundle: zipfile.ZipFile, name: str) -> tuple[list[_Member], int]:
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
    if total > MAX_TOTAL_BYTES:
        raise InputError(
            f"{name}: unpacks to {total / 1024**3:.1f} GiB; at most {MAX_TOTAL_BYTES / 1024**3:.0f} are allowed."
        )
    if total > _MIN_RATIO_BYTES and total > MAX_RATIO * max(packed, 1):
        raise InputError(
            f"{name}: unpacks to {total // max(packed, 1):,} times its size; this is not an archive of images."
        )
    if not members:
        raise InputError(f"{name}: holds no images.")
    return members, ignored


def _target(info: zipfile.ZipInfo, name: str) -> PurePosixPath:
    """The member's path relative to the folder. Raises InputError for names outside the folder and for links."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise InputError(f"{name}: {info.filename!a} is a link or special file; zip plain files only.")
    text = info.filename.replace("\\", "/")
    if text.startswith("/") or re.match(r"^[A-Za-z]:", text) or ".." in text.split("/"):
        raise InputError(f"{name}: {info.filename!a} is outside the folder; zip with relative names only.")
    if any(ord(c) < 32 or ord(c) == 127 for c in text) or any(
        len(p.encode("utf-8", "replace")) > 255 for p in text.split("/")
    ):
        raise InputError(f"{name}: {info.filename[:80]!a} is not a usable file name; rename it.")
    return PurePosixPath(text)


def _require_space(folder: Path, total: int, name: str) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder.parent).free
    if total > free:
        raise InputError(f"{name}: unpacks to {total / 1024**2:,.0f} MiB, but only {free / 1024**2:,.0f} MiB are free.")


def _write(bundle: zipfile.ZipFile, members: list[_Member], partial: Path, name: str, progress: Progress) -> None:
    for number, member in enumerate(members, 1):
        target = partial / member.target
        target.parent.mkdir(parents=True, exist_ok=True)
        remaining = member.info.file_size
        with bundle.open(member.info) as packed, open(target, "xb") as file:
            while chunk := packed.read(_CHUNK_BYTES):
                remaining -= len(chunk)
                if remaining < 0:
                    raise InputError(f"{name}: `{member.target}` is larger than the archive says; it is damaged.")
                file.write(chunk)
        progress(number, len(members), "images unpacked")

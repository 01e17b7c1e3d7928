"""Content credentials in a file of their own beside the picture: `photo.jpg` and `photo.c2pa`.

Source: C2PA Technical Specification 2.x, "External manifests". Credentials inside the picture come first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePath

from cgid.imaging.image_file import ImageFile
from cgid.metadata import content_credentials

MOST_BYTES = 16 * 1024 * 1024
SUFFIX = ".c2pa"


def name(image: ImageFile) -> str:
    """The file beside it that its credentials were read from; empty where there is none. Use `image.once(name)`."""
    return ""


def is_one(file: str) -> bool:
    """Does a file of this name hold credentials of another file?"""
    return file.lower().endswith(SUFFIX)


def beside(path: Path) -> Path | None:
    """`photo.c2pa` or `photo.jpg.c2pa` beside `photo.jpg`; None where there is neither or it is too long."""
    for there in (path.with_suffix(SUFFIX), path.with_name(path.name + SUFFIX)):
        try:
            if there != path and there.is_file() and 0 < there.stat().st_size <= MOST_BYTES:
                return there
        except (OSError, ValueError):
            continue
    return None


def opened(path: Path) -> ImageFile:
    """The image, with the credentials beside it where it has none of its own. Raises UnreadableImage, and InputError
    on a bad trust list."""
    image = ImageFile.open(path)
    there = beside(path)
    if there is not None:
        try:
            attach(image, there.name, there.read_bytes())
        except OSError:  # gone meanwhile, or not ours to read: as if it were not there
            return image
    return image


def attach(image: ImageFile, beside: str, manifest: bytes) -> None:
    """Read the image with the credentials of a file called `beside`, where it has none of its own. Raises InputError
    on a bad trust list."""
    if image.once(content_credentials.store) is None:
        found = content_credentials.store_in(manifest, image)
        if found is not None:
            image.give(content_credentials.store, found)
            image.give(name, beside)


def pair(names: Sequence[str]) -> dict[int, int]:
    """{place of a picture: place of the sidecar that belongs to it} among files that came together, by their names."""
    sidecars = {n.lower(): i for i, n in enumerate(names) if is_one(n)}
    pictures = {i: n.lower() for i, n in enumerate(names) if not is_one(n)}
    stems = Counter(PurePath(n).stem for n in pictures.values())
    found = {}
    for i, own in pictures.items():
        stem = PurePath(own).stem
        for wanted in (own, stem if stems[stem] == 1 else own):
            if i not in found and wanted + SUFFIX in sidecars:
                found[i] = sidecars[wanted + SUFFIX]
    return found

"""C2PA sidecar files: content credentials stored next to the image, `photo.jpg` and `photo.c2pa`.

Source: C2PA Technical Specification 2.x, "External manifests". Embedded credentials take precedence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePath

from cgid.imaging.image_file import ImageFile
from cgid.metadata import content_credentials

MAX_SIDECAR_BYTES = 16 * 1024 * 1024
SUFFIX = ".c2pa"


def sidecar_name(image: ImageFile) -> str:
    """Name of the sidecar file the credentials were read from; empty if none. Use `image.cached(sidecar_name)`."""
    return ""


def is_sidecar(file: str) -> bool:
    """Whether a file of this name is a C2PA sidecar."""
    return file.lower().endswith(SUFFIX)


def find_sidecar(path: Path) -> Path | None:
    """`photo.c2pa` or `photo.jpg.c2pa` next to `photo.jpg`; None if neither exists or it is too large."""
    for candidate in (path.with_suffix(SUFFIX), path.with_name(path.name + SUFFIX)):
        try:
            if candidate != path and candidate.is_file() and 0 < candidate.stat().st_size <= MAX_SIDECAR_BYTES:
                return candidate
        except (OSError, ValueError):
            continue
    return None


def open_with_sidecar(path: Path) -> ImageFile:
    """The image, with the credentials of a sidecar file if it has none embedded.

    Raises UnreadableImage, and InputError on an invalid trust list."""
    image = ImageFile.open(path)
    sidecar = find_sidecar(path)
    if sidecar is not None:
        try:
            attach(image, sidecar.name, sidecar.read_bytes())
        except OSError:  # removed meanwhile or not readable: treated as absent
            return image
    return image


def attach(image: ImageFile, sidecar: str, manifest: bytes) -> None:
    """Use the credentials in `manifest` if the image has none embedded. sidecar: name of their file.

    Raises InputError on an invalid trust list."""
    if image.cached(content_credentials.manifest_store) is None:
        store = content_credentials.sidecar_manifest_store(manifest, image)
        if store is not None:
            image.set_cached(content_credentials.manifest_store, store)
            image.set_cached(sidecar_name, sidecar)


def pair_sidecars(names: Sequence[str]) -> dict[int, int]:
    """{index of an image: index of its sidecar} among files uploaded together, by their names."""
    sidecars = {n.lower(): i for i, n in enumerate(names) if is_sidecar(n)}
    pictures = {i: n.lower() for i, n in enumerate(names) if not is_sidecar(n)}
    stems = Counter(PurePath(n).stem for n in pictures.values())
    matches = {}
    for i, picture in pictures.items():
        stem = PurePath(picture).stem
        for stem_name in (picture, stem if stems[stem] == 1 else picture):
            if i not in matches and stem_name + SUFFIX in sidecars:
                matches[i] = sidecars[stem_name + SUFFIX]
    return matches

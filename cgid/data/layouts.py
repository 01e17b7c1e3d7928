"""Known folder layouts: label, split, data set and generator of an image from its parent folders."""

from __future__ import annotations

import re
from dataclasses import dataclass

SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}


@dataclass(frozen=True, slots=True)
class Layout:
    """A pair of folder names (lower case) for the two classes.

    generator_above: the parent folder of the pair is named after the generator (GenImage).
    video: each folder of frames comes from one video; its frames form one group.
    """

    name: str
    real: str
    ai: str
    generator_above: bool = False
    video: bool = False


LAYOUTS = (
    Layout("{fake,real}", "real", "fake"),
    Layout("{ai,real}", "real", "ai"),
    Layout("GenImage {ai,nature}", "nature", "ai", generator_above=True),
    Layout("0_real/1_fake", "0_real", "1_fake"),
    Layout("CASIA Au/Sp", "au", "sp"),
    Layout("CASIA Au/Tp", "au", "tp"),
    Layout("FaceForensics++ frames", "original_sequences", "manipulated_sequences", video=True),
    Layout("Celeb-DF frames", "celeb-real", "celeb-synthesis", video=True),
    Layout("Celeb-DF frames", "youtube-real", "celeb-synthesis", video=True),
)
CLASS_FOLDERS = frozenset(word for layout in LAYOUTS for word in (layout.real, layout.ai))
KNOWN_LAYOUTS_TEXT = (
    "`fake` + `real`, `ai` + `real`, `ai` + `nature` (GenImage), `0_real` + `1_fake` or `Au` + `Sp`, in any case, "
    "also inside `train`, `val` and `test` or below one folder per generator or data set"
)
_COMPRESSION = re.compile(r"^(raw|c\d+|images|frames|faces|videos)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ImageLocation:
    """Location of an image. dataset: folders between root and class folder without split folders; word: the class
    folder's name in lower case; below: folders inside it, without split folders; split: train, val, test or ""."""

    dataset: tuple[str, ...]
    word: str
    below: tuple[str, ...]
    split: str


def locate(steps: tuple[str, ...]) -> ImageLocation | None:
    """Location from the folders between root and image; None where none of them is a class folder."""
    at = next((i for i, step in enumerate(steps) if step.lower() in CLASS_FOLDERS), None)
    if at is None:
        return None
    splits = [SPLIT_FOLDERS[s.lower()] for s in steps[: at + 2] if s.lower() in SPLIT_FOLDERS]
    above = tuple(s for s in steps[:at] if s.lower() not in SPLIT_FOLDERS)
    below = steps[at + 1 :]
    if below and below[0].lower() in SPLIT_FOLDERS:
        below = below[1:]
    return ImageLocation(above, steps[at].lower(), below, splits[-1] if splits else "")


def matching_layouts(class_folders: set[str]) -> list[Layout]:
    """The layouts of which a data set has both class folders."""
    return [layout for layout in LAYOUTS if layout.real in class_folders and layout.ai in class_folders]


def label(word: str, layouts: list[Layout]) -> str | None:
    """`real` or `ai` for a class folder's name; None where no matching layout has it."""
    for layout in layouts:
        if word in (layout.real, layout.ai):
            return "real" if word == layout.real else "ai"
    return None


def generator(location: ImageLocation, layouts: list[Layout], root_name: str) -> str:
    """Name of the generator of an AI image: the folder above (GenImage), else the first folder inside, else ""."""
    if any(layout.generator_above for layout in layouts if layout.ai == location.word):
        return location.dataset[-1] if location.dataset else root_name
    inside = [step for step in location.below if not _COMPRESSION.match(step)]
    video = any(layout.video for layout in layouts)
    # In a video layout the last folder holds the frames of one video, not a method.
    return next(iter(inside[:-1] if video else inside), "")


def video_group(location: ImageLocation, layouts: list[Layout]) -> str:
    """Group of the frames of one video and of the clips forged from it: `video:004` for folders 004 and 004_982.

    "" outside the video layouts.
    """
    if not any(layout.video for layout in layouts) or not location.below:
        return ""
    name = location.below[-1]
    identity = re.match(r"id\d+", name) or re.match(r"\d+", name)
    return "video:" + (identity.group() if identity else name)


def video_layout(steps: set[str]) -> str:
    """Name of the video collection whose folders (lower case) are among `steps`, or ""."""
    if {"original_sequences", "manipulated_sequences"} & steps:
        return "FaceForensics++"
    if {"celeb-real", "celeb-synthesis", "youtube-real"} & steps:
        return "Celeb-DF"
    return ""

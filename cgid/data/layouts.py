"""Tell from the folders around an image what it is: real or AI, which split, which data set, which generator."""

from __future__ import annotations

import re
from dataclasses import dataclass

SPLIT_WORDS = {
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
    """A pair of folder names (lower case) that stand for the two classes.

    generator_above: the folder that holds the pair is named after the generator (GenImage).
    video: each folder of frames comes from one video; all its frames belong together.
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
CLASS_WORDS = frozenset(word for layout in LAYOUTS for word in (layout.real, layout.ai))
LOOKED_FOR = (
    "`fake` + `real`, `ai` + `real`, `ai` + `nature` (GenImage), `0_real` + `1_fake` or `Au` + `Sp`, in any case, "
    "also inside `train`, `val` and `test` or below one folder per generator or data set"
)
_COMPRESSION = re.compile(r"^(raw|c\d+|images|frames|faces|videos)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an image lies. dataset: folders between root and class folder without split words; word: the class
    folder's name in lower case; below: folders inside it, without split words; split: train, val, test or ""."""

    dataset: tuple[str, ...]
    word: str
    below: tuple[str, ...]
    split: str


def place(steps: tuple[str, ...]) -> Place | None:
    """Read the folders between root and image; None where none of them is named like a class."""
    at = next((i for i, step in enumerate(steps) if step.lower() in CLASS_WORDS), None)
    if at is None:
        return None
    splits = [SPLIT_WORDS[s.lower()] for s in steps[: at + 2] if s.lower() in SPLIT_WORDS]
    above = tuple(s for s in steps[:at] if s.lower() not in SPLIT_WORDS)
    below = steps[at + 1 :]
    if below and below[0].lower() in SPLIT_WORDS:
        below = below[1:]
    return Place(above, steps[at].lower(), below, splits[-1] if splits else "")


def fitting(words: set[str]) -> list[Layout]:
    """The layouts of which one data set shows both class folders."""
    return [layout for layout in LAYOUTS if layout.real in words and layout.ai in words]


def label(word: str, layouts: list[Layout]) -> str | None:
    """`real` or `ai` for a class folder's name; None where no fitting layout knows the name."""
    for layout in layouts:
        if word in (layout.real, layout.ai):
            return "real" if word == layout.real else "ai"
    return None


def generator(where: Place, layouts: list[Layout], root_name: str) -> str:
    """Name of the generator of an AI image: the folder above (GenImage), else the first folder inside, else ""."""
    if any(layout.generator_above for layout in layouts if layout.ai == where.word):
        return where.dataset[-1] if where.dataset else root_name
    inside = [step for step in where.below if not _COMPRESSION.match(step)]
    video = any(layout.video for layout in layouts)
    # In a video layout the last folder is one video's frames, not a method.
    return next(iter(inside[:-1] if video else inside), "")


def video_group(where: Place, layouts: list[Layout]) -> str:
    """Frames of one video, and of the clips forged from it, belong together: `video:004` for folders 004 and 004_982.

    "" outside the video layouts.
    """
    if not any(layout.video for layout in layouts) or not where.below:
        return ""
    name = where.below[-1]
    identity = re.match(r"id\d+", name) or re.match(r"\d+", name)
    return "video:" + (identity.group() if identity else name)


def video_layout(steps: set[str]) -> str:
    """Name of the video collection whose folders (lower case) are among `steps`, or ""."""
    if {"original_sequences", "manipulated_sequences"} & steps:
        return "FaceForensics++"
    if {"celeb-real", "celeb-synthesis", "youtube-real"} & steps:
        return "Celeb-DF"
    return ""

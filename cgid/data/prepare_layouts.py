"""Published splits of CIFAKE and GenImage folders: test, training, or a held-out generator.

CIFAKE (Bird and Lotfi, "CIFAKE: Image Classification and Explainable Identification of AI-Generated Synthetic Images"):
`train/{FAKE,REAL}`, `test/{FAKE,REAL}`. GenImage (Zhu et al., "GenImage: A Million-Scale Benchmark for Detecting
AI-Generated Image"): `<generator>/{train,val}/{ai,nature}`; published metrics are measured on its `val`, so it is a
test split here.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pandas as pd

from cgid.data import layouts
from cgid.data.scan import ScanResult
from cgid.errors import InputError

LAYOUTS = {
    "cifake": ("{fake,real}", "`train/FAKE`, `train/REAL`, `test/FAKE` and `test/REAL`"),
    "genimage": ("GenImage {ai,nature}", "`<generator>/train/ai`, `…/train/nature`, `…/val/ai` and `…/val/nature`"),
}
_NAMES = {"cifake": "CIFAKE", "genimage": "GenImage"}
_FOLDER_NAMES = {
    ("cifake", "real"): "REAL",
    ("cifake", "ai"): "FAKE",
    ("genimage", "real"): "nature",
    ("genimage", "ai"): "ai",
}
# The archives of GenImage are named so: imagenet_ai_0419_biggan, imagenet_ai_0508_adm, imagenet_glide.
_ARCHIVE = re.compile(r"^imagenet_(?:ai_)?(?:\d+_)?(?=.)", re.IGNORECASE)
_ONE_SIDED = "images in a class folder without its counterpart"


def detect_layout(scanned: ScanResult, requested: str, root: Path) -> str:
    """`cifake` or `genimage`. requested: one of them, or `auto`. Raises InputError where the folder has another layout."""
    detected = next((name for name, (form, _) in LAYOUTS.items() if scanned.layouts == (form,)), "")
    if requested != "auto" and detected != requested:
        raise InputError(
            f"{root}: its layout is {' and '.join(scanned.layouts)}, not that of {_NAMES[requested]}, which has "
            f"{LAYOUTS[requested][1]}."
        )
    if not detected:
        raise InputError(
            f"{root}: its layout is {' and '.join(scanned.layouts)}, neither CIFAKE nor GenImage; list, clean and split "
            "it with `cgid data scan`, `clean` and `split`."
        )
    if one_sided := scanned.ignored.get(_ONE_SIDED):
        raise InputError(f"{root}: {one_sided:,} {_ONE_SIDED}; each needs both: {LAYOUTS[detected][1]}.")
    return detected


def assign_published_splits(
    frame: pd.DataFrame, layout: str, root: Path, source: str, hold_out: tuple[str, ...]
) -> pd.DataFrame:
    """Copy of a listing's frame with its `split`, and `subset`: the generator whose folder contains the
    image, real images too ("" for CIFAKE). Images outside the published splits have `split` "".

    Of a held-out generator the published test images become `external`, the others `held_out`; where it has no test
    images, all become `external`. Raises InputError where a class or split is missing or a name is not known.
    """
    root = Path(os.path.abspath(os.path.expanduser(root)))
    frame = frame.copy()
    if layout == "cifake" and frame["source"].nunique() > 1:
        raise InputError(f"{root}: holds {frame['source'].nunique()} data sets; give the folder of one CIFAKE.")
    frame["source"] = source or (frame["source"].iloc[0] if layout == "cifake" else root.name)
    frame["subset"] = _subsets(frame["path"], root) if layout == "genimage" else ""
    if layout == "genimage":
        frame["generator"] = frame["subset"].where(frame["label"] == "ai", "")
        has_test = frame["subset"].isin(frame.loc[frame["split"] == "test", "subset"])
        frame.loc[(frame["split"] == "val") & ~has_test, "split"] = "test"
    frame = _hold_out(frame, _names_of(hold_out), root)
    _require_complete(frame, layout, root)
    return frame


def generator_name(folder: str) -> str:
    """`biggan` for `imagenet_ai_0419_biggan`; other names as they are."""
    return _ARCHIVE.sub("", folder)


def _subsets(paths: pd.Series, root: Path) -> list[str]:
    spelling: dict[str, str] = {}
    names: dict[str, str] = {}
    result = []
    for path in paths:
        folder = os.path.dirname(path)
        if folder not in names:
            steps = Path(os.path.relpath(folder, root)).parts
            location = layouts.locate(steps)
            name = generator_name(location.dataset[-1] if location and location.dataset else root.name)
            # One generator may be in two archives with different spelling; names collide on case-insensitive file systems.
            names[folder] = spelling.setdefault(name.lower(), name)
        result.append(names[folder])
    return result


def _names_of(hold_out: tuple[str, ...]) -> list[str]:
    return [name.strip() for text in hold_out for name in text.split(",") if name.strip()]


def _hold_out(frame: pd.DataFrame, requested: list[str], root: Path) -> pd.DataFrame:
    known = {name.lower(): name for name in sorted(set(frame["subset"])) if name}
    if requested and not known:
        raise InputError(f"{root}: CIFAKE names no generators, so none can be held out; remove --hold-out.")
    for name in requested:
        held = known.get(name.lower()) or known.get(generator_name(name).lower())
        if held is None:
            raise InputError(f"hold-out `{name}`: no such generator in {root}; there are {', '.join(known.values())}.")
        rows = frame["subset"] == held
        outside = rows & (frame["split"] != "test")
        frame.loc[outside, "split"] = (
            "held_out" if (rows & frame["split"].isin(("test", "external"))).any() else "external"
        )
        frame.loc[rows & (frame["split"] == "test"), "split"] = "external"
    if known and set(frame.loc[frame["split"].isin(("external", "held_out")), "subset"]) == set(known.values()):
        raise InputError(f"hold-out: all {len(known)} generators are held out; leave at least one to train on.")
    return frame


def _require_complete(frame: pd.DataFrame, layout: str, root: Path) -> None:
    """Raises InputError unless every generator that is not held out has both classes in train and test."""
    there = set(zip(frame["subset"], frame["split"], frame["label"]))
    folders = {"test": "val" if layout == "genimage" else "test", "train": "train"}
    held = frame["split"].isin(("external", "held_out"))
    for subset in sorted(set(frame.loc[~held, "subset"])):
        for split, label in ((s, label) for s in ("train", "test") for label in ("ai", "real")):
            if (subset, split, label) not in there:
                place = "/".join(x for x in (subset, folders[split], _FOLDER_NAMES[layout, label]) if x)
                remedy = f", or hold the generator out (--hold-out {subset})" if subset else ""
                raise InputError(
                    f"{root}: `{place}` is missing or has no images; {_NAMES[layout]} has {LAYOUTS[layout][1]}. "
                    f"Add it{remedy}."
                )
    for subset in sorted(set(frame.loc[held, "subset"])):
        for label in ("ai", "real"):
            if (subset, "external", label) not in there:
                raise InputError(
                    f"{root}: held-out `{subset}` has no `{_FOLDER_NAMES[layout, label]}` images for evaluation."
                )

"""List a folder of images, in one of the known layouts, as a manifest.

List the files below a folder without ever hanging: linked folders are counted, not followed.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from cgid.data import layouts
from cgid.data.manifest import write_manifest
from cgid.data.params import ScanParams
from cgid.errors import InputError
from cgid.fileformat.sniff import IMAGE_EXTENSIONS
from cgid.progress import Report, silent

VIDEO_EXTENSIONS = frozenset((".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v"))


@dataclass(slots=True)
class Walk:
    """What was seen on the way, apart from the images themselves."""

    ignored: Counter = field(default_factory=Counter)
    videos: int = 0

    def images(self, root: Path) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield (folders between root and file, file name) of every file with an image's extension, in a fixed order.

        Folders that are links are not entered: a link may lead back, or out to the whole disk. Files that are links
        are listed where they lead to a file. Hidden files and folders are passed over.
        """
        open_folders: list[tuple[str, tuple[str, ...]]] = [(os.fspath(root), ())]
        while open_folders:
            folder, steps = open_folders.pop()
            try:
                with os.scandir(folder) as entries:
                    listed = sorted(entries, key=lambda entry: entry.name)
            except OSError:
                self.ignored["folders that cannot be opened"] += 1
                continue
            below = []
            for entry in listed:
                if entry.name.startswith(".") or entry.name == "__MACOSX":
                    continue
                elif not _is_text(entry.name):
                    self.ignored["names that are not UTF-8"] += 1
                elif entry.is_dir(follow_symlinks=False):
                    below.append((entry.path, (*steps, entry.name)))
                elif self._is_image(entry):
                    yield steps, entry.name
            open_folders.extend(reversed(below))

    def _is_image(self, entry: os.DirEntry) -> bool:
        extension = os.path.splitext(entry.name)[1].lower()
        try:
            if entry.is_symlink() and entry.is_dir():
                self.ignored["links to folders"] += 1
                return False
            if not entry.is_file():
                self.ignored["broken links and special files"] += 1
                return False
        except OSError:
            self.ignored["broken links and special files"] += 1
            return False
        if extension in VIDEO_EXTENSIONS:
            self.videos += 1
        if extension not in IMAGE_EXTENSIONS:
            self.ignored[f"files ending in {extension}" if extension else "files without an extension"] += 1
            return False
        return True


def _is_text(name: str) -> bool:
    """Whether a manifest can hold this name."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


_REPORT_EVERY = 500


@dataclass(frozen=True, slots=True)
class Listing:
    """frame: `path,label,source,generator,split` (and `group` for frames of videos), sorted by path; the images of one
    folder tree. layouts: names of those that fitted; ignored: what was left out, in words, with its count."""

    frame: pd.DataFrame
    layouts: tuple[str, ...]
    ignored: dict[str, int]


def scan(params: ScanParams, report: Report = silent) -> dict:
    """Write the manifest of a folder. Returns counts by class, source and split, and what was ignored.

    Raises InputError where the folder is not there or shows none of the known layouts.
    """
    listing = list_images(params.root, params.source, report=report)
    write_manifest(listing.frame, params.output)
    return describe(listing, params.output)


def list_images(root: Path, source: str = "", name: str = "", report: Report = silent) -> Listing:
    """Read the layout below `root` (or below the only folder in it, however deep).

    source: name of the data set; default the folder's name, or, where several data sets lie below, theirs.
    name: what messages call the root; default its path.
    Raises InputError.
    """
    root, name = Path(os.path.abspath(os.path.expanduser(root))), name or str(root)
    if not root.exists():
        raise InputError(f"{name}: there is no such folder.")
    if not root.is_dir():
        raise InputError(f"{name}: is a file; give the folder that holds the images.")
    top = _only_folder(root)
    walk = Walk()
    placed: list[tuple[layouts.Place, str]] = []
    for steps, file in walk.images(top):
        where = layouts.place(steps)
        if where is None:
            walk.ignored["images outside a class folder"] += 1
        else:
            placed.append((where, os.path.join(top, *steps, file)))
            if len(placed) % _REPORT_EVERY == 0:
                report(len(placed), 0, "images found")
    words: dict[tuple[str, ...], set[str]] = {}
    for where, _ in placed:
        words.setdefault(where.dataset, set()).add(where.word)
    fitting = {dataset: layouts.fitting(found) for dataset, found in words.items()}
    rows = _rows(placed, fitting, source, top.name, walk.ignored)
    if not rows:
        raise InputError(_why_nothing(top, name, walk))
    frame = pd.DataFrame(rows).sort_values("path", ignore_index=True)
    if not frame["group"].any():
        frame = frame.drop(columns="group")
    report(len(frame), len(frame), "images listed")
    used = {layout.name for found in fitting.values() for layout in found}
    return Listing(frame, tuple(sorted(used)), dict(walk.ignored.most_common()))


def describe(listing: Listing, output: Path) -> dict:
    """The step's result: plain counts and one sentence."""
    frame = listing.frame
    counts = frame["label"].value_counts().to_dict()
    sources = frame.groupby(["source", "label"]).size()
    return {
        "output": str(output),
        "rows": len(frame),
        "labels": {label: int(n) for label, n in counts.items()},
        "sources": [{"source": s, "label": label, "images": int(n)} for (s, label), n in sources.items()],
        "splits": {k or "none": int(n) for k, n in frame["split"].value_counts().items()},
        "layouts": list(listing.layouts),
        "ignored": listing.ignored,
        "summary": f"Listed {len(frame):,} images ({counts.get('real', 0):,} real, {counts.get('ai', 0):,} AI) "
        f"from {frame['source'].nunique()} source(s); layout {' and '.join(listing.layouts)}"
        + (f"; {sum(listing.ignored.values()):,} other files left out." if listing.ignored else "."),
    }


def _rows(placed: list, fitting: dict, source: str, top_name: str, ignored: Counter) -> list[dict]:
    names = _sources(fitting, source, top_name)
    rows = []
    for where, path in placed:
        fits = fitting[where.dataset]
        label = layouts.label(where.word, fits)
        if label is None:
            ignored["images in a class folder without its counterpart"] += 1
            continue
        group = layouts.video_group(where, fits)
        rows.append(
            {
                "path": path,
                "label": label,
                "source": names[where.dataset],
                "generator": layouts.generator(where, fits, top_name) if label == "ai" else "",
                "split": where.split,
                "group": f"{names[where.dataset]}/{group}" if group else "",
            }
        )
    return rows


def _sources(fitting: dict, source: str, top_name: str) -> dict[tuple[str, ...], str]:
    """Name of the source of each data set; generators of one GenImage are one source."""
    homes = {
        dataset: dataset[:-1] if any(layout.generator_above for layout in fits) else dataset
        for dataset, fits in fitting.items()
        if fits
    }
    if len(set(homes.values())) <= 1:
        return dict.fromkeys(homes, source or top_name)
    prefix = (source,) if source else ()
    return {dataset: "/".join((*prefix, *home)) or top_name for dataset, home in homes.items()}


def _only_folder(root: Path) -> Path:
    """Descend while a folder holds exactly one folder, unless that one is named like a class or a split."""
    while True:
        try:
            entries = [e for e in os.scandir(root) if not e.name.startswith(".") and e.name != "__MACOSX"]
        except OSError:
            return root
        folders = [e for e in entries if e.is_dir(follow_symlinks=False)]
        if len(folders) != 1 or folders[0].name.lower() in layouts.CLASS_WORDS | set(layouts.SPLIT_WORDS):
            return root
        root = Path(folders[0].path)


def _why_nothing(top: Path, name: str, walk: Walk) -> str:
    collection = layouts.video_layout(_folder_names(top))
    if walk.videos and (collection or (top / "metadata.json").exists() or any(top.glob("*/metadata.json"))):
        return (
            f"{name}: holds {walk.videos} videos ({collection or 'DFDC'} layout) and no images; videos are read by the "
            "video specialists, this step lists images."
        )
    return f"{name}: no known layout with images of both classes was found; looked for {layouts.LOOKED_FOR}."


def _folder_names(top: Path, depth: int = 3) -> set[str]:
    names, level = {top.name.lower()}, [os.fspath(top)]
    for _ in range(depth):
        below = []
        for folder in level:
            try:
                below += [e.path for e in os.scandir(folder) if e.is_dir(follow_symlinks=False)]
            except OSError:
                continue
        names |= {os.path.basename(path).lower() for path in below}
        level = below
    return names

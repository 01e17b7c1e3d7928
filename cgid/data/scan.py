"""List a folder of images, in one of the known layouts, as a manifest.

Linked folders are counted, not followed, so that scanning always terminates.
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
from cgid.progress import Progress, silent

VIDEO_EXTENSIONS = frozenset((".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v"))


@dataclass(slots=True)
class FolderScan:
    """Recursive listing of image files; counts ignored files and videos."""

    ignored: Counter = field(default_factory=Counter)
    videos: int = 0

    def images(self, root: Path) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield (folders between root and file, file name) of every file with an image's extension, in a fixed order.

        Linked folders are not entered: a link may form a cycle, or leave the root. Linked files are listed where their
        target is a file. Hidden files and folders are skipped.
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
    """Whether the name can be written to a manifest (UTF-8)."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


_PROGRESS_EVERY = 500


@dataclass(frozen=True, slots=True)
class ScanResult:
    """frame: `path,label,source,generator,split` (and `group` for frames of videos), sorted by path; the images of one
    folder tree. layouts: names of the matching ones; ignored: {description of ignored files: count}."""

    frame: pd.DataFrame
    layouts: tuple[str, ...]
    ignored: dict[str, int]


def scan(params: ScanParams, progress: Progress = silent) -> dict:
    """Write the manifest of a folder. Returns counts by class, source and split, and of ignored files.

    Raises InputError where the folder is missing or has none of the known layouts.
    """
    scanned = list_images(params.root, params.source, progress=progress)
    write_manifest(scanned.frame, params.output)
    return describe(scanned, params.output)


def list_images(root: Path, source: str = "", name: str = "", progress: Progress = silent) -> ScanResult:
    """Read the layout below `root` (or below its only subfolder, at any depth).

    source: name of the data set; default the folder's name, or, where several data sets lie below, theirs.
    name: of the root in messages; default its path.
    Raises InputError.
    """
    root, name = Path(os.path.abspath(os.path.expanduser(root))), name or str(root)
    if not root.exists():
        raise InputError(f"{name}: there is no such folder.")
    if not root.is_dir():
        raise InputError(f"{name}: is a file; give the folder that holds the images.")
    top = _only_folder(root)
    folder_scan = FolderScan()
    located: list[tuple[layouts.ImageLocation, str]] = []
    for steps, file in folder_scan.images(top):
        location = layouts.locate(steps)
        if location is None:
            folder_scan.ignored["images outside a class folder"] += 1
        else:
            located.append((location, os.path.join(top, *steps, file)))
            if len(located) % _PROGRESS_EVERY == 0:
                progress(len(located), 0, "images found")
    class_folders: dict[tuple[str, ...], set[str]] = {}
    for location, _ in located:
        class_folders.setdefault(location.dataset, set()).add(location.word)
    layouts_of = {dataset: layouts.matching_layouts(names) for dataset, names in class_folders.items()}
    rows = _rows(located, layouts_of, source, top.name, folder_scan.ignored)
    if not rows:
        raise InputError(_no_layout_message(top, name, folder_scan))
    frame = pd.DataFrame(rows).sort_values("path", ignore_index=True)
    if not frame["group"].any():
        frame = frame.drop(columns="group")
    progress(len(frame), len(frame), "images listed")
    used = {layout.name for matching in layouts_of.values() for layout in matching}
    return ScanResult(frame, tuple(sorted(used)), dict(folder_scan.ignored.most_common()))


def describe(scanned: ScanResult, output: Path) -> dict:
    """The step's result: plain counts and one sentence."""
    frame = scanned.frame
    counts = frame["label"].value_counts().to_dict()
    sources = frame.groupby(["source", "label"]).size()
    return {
        "output": str(output),
        "rows": len(frame),
        "labels": {label: int(n) for label, n in counts.items()},
        "sources": [{"source": s, "label": label, "images": int(n)} for (s, label), n in sources.items()],
        "splits": {k or "none": int(n) for k, n in frame["split"].value_counts().items()},
        "layouts": list(scanned.layouts),
        "ignored": scanned.ignored,
        "summary": f"Listed {len(frame):,} images ({counts.get('real', 0):,} real, {counts.get('ai', 0):,} AI) "
        f"from {frame['source'].nunique()} source(s); layout {' and '.join(scanned.layouts)}"
        + (f"; {sum(scanned.ignored.values()):,} other files ignored." if scanned.ignored else "."),
    }


def _rows(located: list, layouts_of: dict, source: str, top_name: str, ignored: Counter) -> list[dict]:
    names = _sources(layouts_of, source, top_name)
    rows = []
    for location, path in located:
        fits = layouts_of[location.dataset]
        label = layouts.label(location.word, fits)
        if label is None:
            ignored["images in a class folder without its counterpart"] += 1
            continue
        group = layouts.video_group(location, fits)
        rows.append(
            {
                "path": path,
                "label": label,
                "source": names[location.dataset],
                "generator": layouts.generator(location, fits, top_name) if label == "ai" else "",
                "split": location.split,
                "group": f"{names[location.dataset]}/{group}" if group else "",
            }
        )
    return rows


def _sources(layouts_of: dict, source: str, top_name: str) -> dict[tuple[str, ...], str]:
    """Name of the source of each data set; generators of one GenImage are one source."""
    folders = {
        dataset: dataset[:-1] if any(layout.generator_above for layout in fits) else dataset
        for dataset, fits in layouts_of.items()
        if fits
    }
    if len(set(folders.values())) <= 1:
        return dict.fromkeys(folders, source or top_name)
    prefix = (source,) if source else ()
    return {dataset: "/".join((*prefix, *home)) or top_name for dataset, home in folders.items()}


def _only_folder(root: Path) -> Path:
    """Descend while a folder holds exactly one folder, unless that one is named like a class or a split."""
    while True:
        try:
            entries = [e for e in os.scandir(root) if not e.name.startswith(".") and e.name != "__MACOSX"]
        except OSError:
            return root
        folders = [e for e in entries if e.is_dir(follow_symlinks=False)]
        if len(folders) != 1 or folders[0].name.lower() in layouts.CLASS_FOLDERS | set(layouts.SPLIT_FOLDERS):
            return root
        root = Path(folders[0].path)


def _no_layout_message(top: Path, name: str, folder_scan: FolderScan) -> str:
    collection = layouts.video_layout(_folder_names(top))
    if folder_scan.videos and (collection or (top / "metadata.json").exists() or any(top.glob("*/metadata.json"))):
        return (
            f"{name}: contains {folder_scan.videos} videos ({collection or 'DFDC'} layout) and no images; this step lists images; "
            "videos are read by the video specialists."
        )
    return f"{name}: no known layout with images of both classes was found; looked for {layouts.KNOWN_LAYOUTS_TEXT}."


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

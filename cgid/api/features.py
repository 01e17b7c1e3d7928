"""`cgid.extract_features`: images in, feature table out; the same table as `cgid features extract` writes."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from cgid.artifacts import FEATURE_TABLE, SCANNED_MANIFEST
from cgid.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

UNLABELLED = "real"  # stands in for the label while files without labels are measured; the table does not have it
LABELS = ["label", "target_label"]


def extract_features(
    images: Sequence[str | PathLike[str]] | str | PathLike[str] | pd.DataFrame,
    groups: Sequence[str] | None = None,
    *,
    workers: int = 1,
) -> pd.DataFrame:
    """Measure forensic features: a row an image, in the order given; columns as in the table of `cgid features extract`.

    images: paths of image files; or the path of a manifest (CSV); or a manifest as a frame with `filepath` (or `path`),
    relative to the current directory, and, where known, `label` (real, ai), `source`, `generator`, `split`, `group`.
    Without labels the table has no `label` and `target_label`. groups: keys of feature groups (`cgid features`),
    default all. workers: processes.

    What could not be measured is NaN. Images that cannot be read are no rows: one warning counts them, and
    `table.attrs["failures"]` lists them, each {"filepath", "reason"}. Values are kept by content in `CGID_HOME`, so
    measuring the same images again takes moments.
    Raises InputError: a bad manifest, an unknown group, no image given or none readable.
    """
    import pandas as pd

    from cgid.extraction.extract import extract
    from cgid.extraction.params import ExtractParams

    if workers < 1:
        raise InputError(f"workers is {workers}; at least 1 process is needed.")
    if isinstance(groups, str):
        groups = [groups]
    with tempfile.TemporaryDirectory(prefix="cgid-") as folder:
        manifest, labelled = _manifest(images, Path(folder))
        output = Path(folder) / "out" / FEATURE_TABLE
        extract(ExtractParams(manifest, output, workers, ",".join(groups or ())))
        table = pd.read_parquet(output)
        failures = pd.read_csv(output.parent / "failures.csv", dtype=str, keep_default_na=False)
    table = table if labelled else table.drop(columns=LABELS)
    table.attrs["failures"] = failures.to_dict("records")
    if len(failures):
        first = failures["reason"].iloc[0]
        warnings.warn(f"{len(failures)} images could not be read and are no rows; the first: {first}", stacklevel=2)
    return table


def _manifest(images, folder: Path) -> tuple[Path, bool]:
    """(the manifest to measure, whether its labels are known)."""
    import pandas as pd

    from cgid.data.manifest import write_manifest

    if isinstance(images, str | PathLike):
        return Path(images), True
    if isinstance(images, pd.DataFrame):
        frame = images.copy()
        name = next((c for c in ("path", "filepath") if c in frame), None)
        if name is None:
            raise InputError("The frame has no column `filepath`; each row needs the path of an image.")
        paths = frame[name]
    else:
        paths = [_path(image) for image in images]
        frame = pd.DataFrame({"filepath": paths}, dtype=object)
    if not len(frame):
        raise InputError("No images are given.")
    labelled = "label" in frame
    frame = frame.assign(path=[str(Path(p).expanduser().absolute()) for p in paths])
    frame = frame if labelled else frame.assign(label=UNLABELLED)
    path = folder / SCANNED_MANIFEST
    write_manifest(frame, path)
    return path, labelled


def _path(image: object) -> str:
    if isinstance(image, str | PathLike):
        return str(image)
    raise InputError(f"An image to measure is the path of a file, not {type(image).__name__}.")

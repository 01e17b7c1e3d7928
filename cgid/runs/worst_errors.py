"""`cgid runs worst-errors`: the most confident errors of a run as a gallery, each with an occlusion map.

RUN/errors/SPLIT/ receives thumbnails and, last, errors.json; what an earlier gallery left there goes.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from cgid.errors import InputError
from cgid.evaluate.worst_errors import worst
from cgid.files import read_json, sha256_of, write_bytes, write_json
from cgid.imaging.display import thumbnail
from cgid.imaging.image_file import ImageFile, UnreadableImage
from cgid.models.occlusion import GRIDS, crop_to_region, occlusion, overlay
from cgid.models.onnx_model import OnnxModel
from cgid.progress import Progress
from cgid.runs.params import WorstErrorsParams
from cgid.runs.run import Run
from cgid.runs.store import load_run
from cgid.settings import settings

SIDE = 480  # px, longer side of the pictures in the gallery
MAX_IMAGES = 200
NO_NETWORK = "Model B weighs forensic features and has no network to show a picture to, so there are no maps."
CHANGED = "the file was changed since it was judged"


def worst_errors(params: WorstErrorsParams, progress: Progress) -> dict[str, Any]:
    """Write errors/SPLIT/errors.json and its pictures into the run folder; the content of errors.json.

    An image that is gone, unreadable or changed is listed with the reason. Raises InputError: no run, no predictions of
    the split, numbers out of range.
    """
    if not 2 <= params.images <= MAX_IMAGES:
        raise InputError(f"--images must be between 2 and {MAX_IMAGES}, not {params.images}.")
    if not GRIDS[0] <= params.grid <= GRIDS[1]:
        raise InputError(f"--grid must be between {GRIDS[0]} and {GRIDS[1]}, not {params.grid}.")
    run = load_run(Path(params.run))
    path, rows = _predictions(run, params.split)
    threshold, note = _threshold(run)
    network, no_maps = _network(run)
    chosen = worst(
        rows["label"].to_numpy(), rows["score"].to_numpy(), threshold, params.images, strength=rows["logit"].to_numpy(),
        groups=rows["group"].tolist(), origins=list(zip(rows["source"], rows["generator"])),
    )  # fmt: skip
    folder = run.folder / "errors" / params.split
    order = [(kind, row) for kind, picked in chosen.items() for row in picked]
    images = []
    for done, (kind, row) in enumerate(order):
        progress(done, len(order), "computing occlusion maps" if network else "reading the images")
        images.append({"kind": kind} | _one(rows.iloc[row], folder, network, params.grid))
    called = rows["score"] >= threshold
    content = {
        "run": run.folder.name,
        "split": params.split,
        "predictions_sha256": sha256_of(path),
        "network_sha256": network.sha256 if network else None,
        "threshold": threshold,
        "note": note,
        "no_maps": no_maps,
        "grid": params.grid,
        "n_real": int((rows["label"] == 0).sum()),
        "n_ai": int((rows["label"] == 1).sum()),
        "n_accused": int((called & (rows["label"] == 0)).sum()),
        "n_missed": int((~called & (rows["label"] == 1)).sum()),
        "images": images,
    }
    write_json(folder / "errors.json", content)
    selected = {"errors.json"} | {i[k] for i in images for k in ("picture", "map") if i[k]}
    for stale in folder.iterdir():
        if stale.name not in selected and stale.suffix == ".webp":
            stale.unlink(missing_ok=True)
    progress(len(order), len(order), "written")
    return content | {"summary": _summary(content, folder), "folder": str(folder)}


def _predictions(run: Run, split: str) -> tuple[Path, pd.DataFrame]:
    """(file, rows with a label and a score). Raises InputError."""
    path = run.predictions_path(split)
    if Path(split).name != split or not path.is_file():
        there = run.prediction_splits()
        raise InputError(
            f"{run.folder.name} has no stored predictions of `{split}`; it has {', '.join(there) or 'none'}."
        )
    try:
        table = pd.read_parquet(path)
        score = table["probability"].astype(float)
        if "calibrated" in table:
            score = table["calibrated"].astype(float).fillna(score)
        known = table["label"].isin((0, 1)) & score.notna()
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path} cannot be read ({error}); judge the images again.") from None
    texts = ("filepath", "sha256", "group", "source", "generator")
    table = table.assign(**{c: "" for c in texts if c not in table}, score=score)
    table = table.assign(**{c: table[c].fillna("").astype(str) for c in texts})
    if "logit" not in table:
        table["logit"] = np.nan
    return path, table.loc[known].reset_index(drop=True)


def _threshold(run: Run) -> tuple[float, str]:
    """(frozen threshold of the headline figures, what to say where there is none)."""
    try:
        return float(read_json(run.thresholds_path)["thresholds"]["balanced"]), ""
    except (OSError, ValueError, KeyError, TypeError):
        return 0.5, "This run has no fixed threshold; 0.5 is used instead."


def _network(run: Run) -> tuple[OnnxModel | None, str]:
    """(network, why there is none)."""
    if run.kind != "model_a":
        return None, NO_NETWORK
    try:
        return OnnxModel.load(run.folder, settings().workers), ""
    except InputError as problem:
        return None, f"There are no maps of where it looked: {problem}"


def _one(row: pd.Series, folder: Path, network: OnnxModel | None, grid: int) -> dict[str, Any]:
    """The entry of one image; its pictures are written where it can be read."""
    entry: dict[str, Any] = {
        k: row[k] for k in ("filepath", "sha256", "label", "group", "source", "generator", "logit")
    }
    entry |= {"calibrated": row["score"], "picture": "", "map": "", "change": None, "problem": ""}
    try:
        image = ImageFile.open(row["filepath"])
    except (UnreadableImage, ValueError) as problem:  # ValueError: a zero byte in the name
        return entry | {"problem": str(problem)}
    if row["sha256"] and image.sha256 != row["sha256"]:
        return entry | {"problem": CHANGED}
    name = hashlib.sha256(row["filepath"].encode(errors="replace")).hexdigest()[:20]
    entry["picture"] = _save(folder / f"{name}_picture.webp", thumbnail(image.rgb, SIDE))
    if network is not None:
        try:
            occlusion_map = occlusion(network, image.rgb, grid)
        except InputError as problem:
            return entry | {"problem": str(problem)}
        entry["map"] = _save(folder / f"{name}_map.webp", overlay(*crop_to_region(image.rgb, occlusion_map), SIDE))
        entry["change"] = np.round(occlusion_map.change, 4)
    return entry


def _save(path: Path, pixels: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "WEBP", quality=80)
    write_bytes(path, buffer.getvalue())
    return path.name


def _summary(content: dict[str, Any], folder: Path) -> str:
    shown = {kind: sum(i["kind"] == kind for i in content["images"]) for kind in ("accused", "missed")}
    sentence = (
        f"{content['run']} on {content['split']}: {content['n_accused']} of {content['n_real']} real photos wrongly "
        f"accused ({shown['accused']} in the gallery), {content['n_missed']} of {content['n_ai']} AI images missed "
        f"({shown['missed']} in the gallery). {content['note']} {content['no_maps']}"
    )
    lost = sum(bool(i["problem"]) for i in content["images"])
    gone = f" {lost} of them could not be shown; errors.json says why." if lost else ""
    return " ".join(sentence.split()) + gone + f" {folder}"

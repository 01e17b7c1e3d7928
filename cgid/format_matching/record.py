"""The record of format matching: parameters of each image, dropped images with reasons, a summary in sentences.

Also the log of written images, so that an interrupted job writes none of them twice.
"""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cgid import __version__
from cgid.artifacts import DROPPED_ROWS
from cgid.data.manifest import write_table
from cgid.data.paths import relative_path
from cgid.files import sha256_of
from cgid.format_matching.image import SUBSAMPLING, MatchedImage
from cgid.format_matching.params import METHODS, MatchFormatsParams
from cgid.format_matching.plan import FALLBACK, FileInfo
from cgid.params import canonical

REASONS = {
    "missing": "there is no such file",
    "unreadable": "not readable as an image",
    "too_small": "smaller than the crop",
}


def write_dropped(frame: pd.DataFrame, problems: Sequence[tuple[str, str]], folder: Path) -> None:
    """Write dropped.csv: filepath, label, reason, detail; only the header where no image was dropped."""
    where = str(folder.resolve())
    rows = [i for i, (reason, _) in enumerate(problems) if reason]
    table = pd.DataFrame(
        {
            "filepath": [relative_path(frame["path"][i], where) for i in rows],
            "label": [frame["label"][i] for i in rows],
            "reason": [problems[i][0] for i in rows],
            "detail": [problems[i][1] for i in rows],
        }
    )
    write_table(table, folder / DROPPED_ROWS)


def write_images(
    frame: pd.DataFrame,
    selected: Sequence[int],
    outputs: Sequence[str],
    results: Mapping[int, MatchedImage],
    infos: Sequence[FileInfo],
    folder: Path,
) -> None:
    """Write treatment_images.csv: for each matched image its original and its sampled parameters."""
    where = str(folder.resolve())
    table = pd.DataFrame(
        {
            "filepath": [outputs[i] for i in selected],
            "original": [relative_path(frame["path"][i], where) for i in selected],
            "original_sha256": [infos[i].sha256 for i in selected],
            "original_quality": [infos[i].quality or None for i in selected],
            "quality": [results[i].quality or None for i in selected],
            "left": [results[i].left for i in selected],
            "top": [results[i].top for i in selected],
            "first_quality": [results[i].first_quality or None for i in selected],
            "second_quality": [results[i].second_quality or None for i in selected],
        }
    ).astype(dict.fromkeys(("original_quality", "quality", "first_quality", "second_quality"), "Int64"))
    write_table(table, folder / "treatment_images.csv")


def content(
    params: MatchFormatsParams,
    frame: pd.DataFrame,
    selected: Sequence[int],
    results: Mapping[int, MatchedImage],
    infos: Sequence[FileInfo],
    problems: Sequence[tuple[str, str]],
    side: int,
    qualities: Sequence[tuple[int, str]],
    size: int,
    fingerprint: str,
) -> dict[str, Any]:
    """The content of `treatment.json`."""
    label = frame["label"].to_numpy()
    sampled = {
        name: [results[i].quality for i in selected if label[i] == name and results[i].quality]
        for name in ("real", "ai")
    }
    real = [infos[i] for i in range(len(infos)) if label[i] == "real" and not infos[i].reason]
    with_quality = sum(one.quality > 0 for one in real)
    dropped = [(problems[i][0], label[i]) for i in range(len(problems)) if problems[i][0]]
    fields = {
        "treatment": params.treatment,
        "what": METHODS[params.treatment],
        "work": fingerprint,
        "manifest": {"path": str(params.manifest), "sha256": sha256_of(params.manifest), "rows": len(frame)},
        "kept": {name: int(sum(label[i] == name for i in selected)) for name in ("real", "ai")},
        "splits": {s or "none": int(n) for s, n in frame.iloc[list(selected)]["split"].value_counts().items()},
        "dropped": {
            reason: {name: dropped.count((reason, name)) for name in ("real", "ai")}
            for reason in dict.fromkeys(reason for reason, _ in dropped)
        },
        "side": side,
        "padded_to": size,
        "bytes_before_padding": int(sum(results[i].bytes for i in selected)),
        "subsampling": SUBSAMPLING,
        "real_files": {"with_quality": with_quality, "without_quality": len(real) - with_quality},
        "fallback": tuple(qualities) == FALLBACK,
        "real_qualities": dict(sorted(Counter(q for q, _ in qualities).items())) if side else {},
        "drawn_qualities": {name: dict(sorted(Counter(own).items())) for name, own in sampled.items()},
        "greatest_difference": ks_distance(sampled["real"], sampled["ai"]) if side else None,
        "config": canonical(params),
        "versions": _versions(),
    }
    return fields | {"sentences": sentences(fields)}


def ks_distance(first: Sequence[int], second: Sequence[int]) -> float:
    """Kolmogorov-Smirnov distance, 0..1: the largest difference between the two empirical distribution functions."""
    at = np.unique([*first, *second])
    below = [np.searchsorted(np.sort(one), at, side="right") / len(one) for one in (first, second)]
    return float(np.abs(below[0] - below[1]).max())


def sentences(fields: Mapping[str, Any]) -> list[str]:
    """Human-readable summary of `treatment.json`."""
    counts, config = fields["kept"], fields["config"]
    count = f"{counts['real']:,} real and {counts['ai']:,} AI images"
    first = {
        "ai-jpeg": f"Only the AI images were saved as JPEG {config['quality']}; the real files are unchanged ({count}).",
        "both-jpeg": f"Both classes were saved as JPEG {config['quality']} without metadata ({count}).",
        "matched": f"Both classes were cropped to {fields['side']} x {fields['side']} pixels and encoded alike ({count}).",
    }
    result = [first[fields["treatment"]]]
    if fields["treatment"] == "matched":
        result.append(_source(fields["real_files"], fields["fallback"]))
        if fields["padded_to"]:
            factor = fields["padded_to"] * sum(counts.values()) / max(fields["bytes_before_padding"], 1)
            result.append(
                f"Every file is padded to {fields['padded_to']:,} bytes with fill bytes that change no pixel "
                f"({factor:.1f} times the disk space)."
            )
        else:
            result.append("File sizes were not equalised and may still leak the label.")
    if fields["dropped"]:
        parts = ", ".join(
            f"{sum(n.values()):,} {REASONS[reason]} ({n['real']:,} real, {n['ai']:,} AI)"
            for reason, n in fields["dropped"].items()
        )
        result.append(f"Dropped: {parts}.")
    return result


def _source(real: Mapping[str, int], fallback: bool) -> str:
    if fallback:
        low, high = FALLBACK[0][0], FALLBACK[-1][0]
        return f"No real file has a known JPEG quality; qualities were sampled uniformly from {low} to {high}."
    rest = f"; {real['without_quality']:,} have none" if real["without_quality"] else ""
    return f"Qualities of both classes were sampled from those of {real['with_quality']:,} real files{rest}."


def _versions() -> dict[str, str]:
    import PIL
    from PIL import features

    return {"cgid": __version__, "pillow": PIL.__version__, "libjpeg": str(features.version("jpg"))}


IMAGES = "images"


class MatchLog:
    """JSON lines in the output folder, the first one the fingerprint of the run; an incomplete last line is ignored.

    Where the folder holds the images of a run with other settings, the files that its log lists are removed, no others.
    """

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self.folder, self.file = folder, folder / ".treated.jsonl"
        lines = self.file.read_text(encoding="utf-8", errors="replace").splitlines() if self.file.is_file() else []
        known = dict(filter(None, map(_entry, lines[1:])))
        if lines and lines[0] == json.dumps(fingerprint):
            self.known = {output: result for output, result in known.items() if (folder / output).is_file()}
            return
        images = (folder / IMAGES).resolve()
        for output in known:
            if (path := (folder / output).resolve()).is_relative_to(images):
                path.unlink(missing_ok=True)
        self.known = {}
        folder.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps(fingerprint), encoding="utf-8")

    def add(self, results: Mapping[str, MatchedImage]) -> None:
        """Append written images; failures are not logged, because they may be temporary."""
        written_images = {output: one for output, one in results.items() if not one.problem}
        with open(self.file, "a", encoding="utf-8") as file:
            file.write("".join(f"\n{json.dumps([o, dataclasses.asdict(one)])}" for o, one in written_images.items()))
        self.known |= written_images


def _entry(line: str) -> tuple[str, MatchedImage] | None:
    try:
        output, values = json.loads(line)
        return str(output), MatchedImage(**values)
    except (ValueError, TypeError):
        return None  # the incomplete last line of an interrupted run: that image is written again

"""What a treatment leaves in writing: each image's own treatment, what was dropped and why, and all of it in sentences.

Remember which images of a treatment are written, so that a killed job writes none of them twice.
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
from cgid.data.paths import written
from cgid.files import sha256_of
from cgid.format_matching.image import SUBSAMPLING, Made
from cgid.format_matching.params import TREATMENTS, TreatParams
from cgid.format_matching.plan import FALLBACK, Look
from cgid.params import canonical

REASONS = {
    "missing": "there is no such file",
    "unreadable": "no image that opens",
    "too_small": "smaller than the crop",
}


def write_dropped(frame: pd.DataFrame, problems: Sequence[tuple[str, str]], folder: Path) -> None:
    """dropped.csv: filepath, label, reason, detail; empty below its header where nothing was."""
    where = str(folder.resolve())
    rows = [i for i, (reason, _) in enumerate(problems) if reason]
    table = pd.DataFrame(
        {
            "filepath": [written(frame["path"][i], where) for i in rows],
            "label": [frame["label"][i] for i in rows],
            "reason": [problems[i][0] for i in rows],
            "detail": [problems[i][1] for i in rows],
        }
    )
    write_table(table, folder / DROPPED_ROWS)


def write_images(
    frame: pd.DataFrame,
    kept: Sequence[int],
    outputs: Sequence[str],
    made: Mapping[int, Made],
    looks: Sequence[Look],
    folder: Path,
) -> None:
    """treatment_images.csv: for each treated image its original and what was drawn for it."""
    where = str(folder.resolve())
    table = pd.DataFrame(
        {
            "filepath": [outputs[i] for i in kept],
            "original": [written(frame["path"][i], where) for i in kept],
            "original_sha256": [looks[i].sha256 for i in kept],
            "original_quality": [looks[i].quality or None for i in kept],
            "quality": [made[i].quality or None for i in kept],
            "left": [made[i].left for i in kept],
            "top": [made[i].top for i in kept],
            "first_quality": [made[i].first_quality or None for i in kept],
            "second_quality": [made[i].second_quality or None for i in kept],
        }
    ).astype(dict.fromkeys(("original_quality", "quality", "first_quality", "second_quality"), "Int64"))
    write_table(table, folder / "treatment_images.csv")


def content(
    params: TreatParams,
    frame: pd.DataFrame,
    kept: Sequence[int],
    made: Mapping[int, Made],
    looks: Sequence[Look],
    problems: Sequence[tuple[str, str]],
    side: int,
    qualities: Sequence[tuple[int, str]],
    size: int,
    work: str,
) -> dict[str, Any]:
    """What `treatment.json` holds."""
    label = frame["label"].to_numpy()
    drawn = {name: [made[i].quality for i in kept if label[i] == name and made[i].quality] for name in ("real", "ai")}
    real = [looks[i] for i in range(len(looks)) if label[i] == "real" and not looks[i].reason]
    told = sum(one.quality > 0 for one in real)
    dropped = [(problems[i][0], label[i]) for i in range(len(problems)) if problems[i][0]]
    found = {
        "treatment": params.treatment,
        "what": TREATMENTS[params.treatment],
        "work": work,
        "manifest": {"path": str(params.manifest), "sha256": sha256_of(params.manifest), "rows": len(frame)},
        "kept": {name: int(sum(label[i] == name for i in kept)) for name in ("real", "ai")},
        "splits": {s or "none": int(n) for s, n in frame.iloc[list(kept)]["split"].value_counts().items()},
        "dropped": {
            reason: {name: dropped.count((reason, name)) for name in ("real", "ai")}
            for reason in dict.fromkeys(reason for reason, _ in dropped)
        },
        "side": side,
        "padded_to": size,
        "bytes_before_padding": int(sum(made[i].bytes for i in kept)),
        "subsampling": SUBSAMPLING,
        "real_files": {"with_quality": told, "without_quality": len(real) - told},
        "fallback": tuple(qualities) == FALLBACK,
        "real_qualities": dict(sorted(Counter(q for q, _ in qualities).items())) if side else {},
        "drawn_qualities": {name: dict(sorted(Counter(own).items())) for name, own in drawn.items()},
        "greatest_difference": distance(drawn["real"], drawn["ai"]) if side else None,
        "config": canonical(params),
        "versions": _versions(),
    }
    return found | {"sentences": sentences(found)}


def distance(first: Sequence[int], second: Sequence[int]) -> float:
    """Kolmogorov and Smirnov's: the largest gap between the two shares of values up to some value, 0..1."""
    at = np.unique([*first, *second])
    below = [np.searchsorted(np.sort(one), at, side="right") / len(one) for one in (first, second)]
    return float(np.abs(below[0] - below[1]).max())


def sentences(found: Mapping[str, Any]) -> list[str]:
    """What was done, for people."""
    kept, config = found["kept"], found["config"]
    count = f"{kept['real']:,} real and {kept['ai']:,} AI images"
    words = {
        "ai-jpeg": f"The AI images alone were saved as JPEG {config['quality']}; the real files are as they were ({count}).",
        "both-jpeg": f"Both classes were saved as JPEG {config['quality']} without metadata ({count}).",
        "matched": f"Both classes were cut to {found['side']} x {found['side']} pixels and saved alike ({count}).",
    }
    said = [words[found["treatment"]]]
    if found["treatment"] == "matched":
        said.append(_source(found["real_files"], found["fallback"]))
        if found["padded_to"]:
            share = found["padded_to"] * sum(kept.values()) / max(found["bytes_before_padding"], 1)
            said.append(
                f"Every file has {found['padded_to']:,} bytes, by fill bytes that change no pixel "
                f"({share:.1f} times the room)."
            )
        else:
            said.append("Sizes in bytes were left as they come and may still tell the classes apart.")
    if found["dropped"]:
        parts = ", ".join(
            f"{sum(n.values()):,} {REASONS[reason]} ({n['real']:,} real, {n['ai']:,} AI)"
            for reason, n in found["dropped"].items()
        )
        said.append(f"Dropped: {parts}.")
    return said


def _source(real: Mapping[str, int], fallback: bool) -> str:
    if fallback:
        low, high = FALLBACK[0][0], FALLBACK[-1][0]
        return f"No real file tells a JPEG quality; qualities were drawn evenly from {low} to {high}."
    rest = f"; {real['without_quality']:,} tell none" if real["without_quality"] else ""
    return f"Qualities were drawn for both alike from those of {real['with_quality']:,} real files{rest}."


def _versions() -> dict[str, str]:
    import PIL
    from PIL import features

    return {"cgid": __version__, "pillow": PIL.__version__, "libjpeg": str(features.version("jpg"))}


IMAGES = "images"


class TreatLog:
    """Lines of JSON in the output folder, the first one naming the work; a line torn by a kill is passed over.

    Where the folder holds another treatment's images, those that it lists are removed, and nothing else.
    """

    def __init__(self, folder: Path, work: str) -> None:
        self.folder, self.file = folder, folder / ".treated.jsonl"
        lines = self.file.read_text(encoding="utf-8", errors="replace").splitlines() if self.file.is_file() else []
        known = dict(filter(None, map(_entry, lines[1:])))
        if lines and lines[0] == json.dumps(work):
            self.known = {output: made for output, made in known.items() if (folder / output).is_file()}
            return
        images = (folder / IMAGES).resolve()
        for output in known:
            if (path := (folder / output).resolve()).is_relative_to(images):
                path.unlink(missing_ok=True)
        self.known = {}
        folder.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps(work), encoding="utf-8")

    def add(self, made: Mapping[str, Made]) -> None:
        """Append what was written; failures are not kept, they may be of the moment."""
        good = {output: one for output, one in made.items() if not one.problem}
        with open(self.file, "a", encoding="utf-8") as file:
            file.write("".join(f"\n{json.dumps([o, dataclasses.asdict(one)])}" for o, one in good.items()))
        self.known |= good


def _entry(line: str) -> tuple[str, Made] | None:
    try:
        output, values = json.loads(line)
        return str(output), Made(**values)
    except (ValueError, TypeError):
        return None  # the torn end of a killed run: that image is written again

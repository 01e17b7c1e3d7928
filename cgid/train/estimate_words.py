"""An estimate as the job's result and as the sentence people read."""

from __future__ import annotations

from typing import Any

from cgid.train.duration import Duration
from cgid.train.params import TrainModelAParams


def answer(
    params: TrainModelAParams,
    found: Duration,
    images_per_second: float,
    batch: int,
    device: str,
    memory: int,
    trouble: str = "",
) -> dict[str, Any]:
    """batch: the largest that fits. memory: bytes of the whole training. trouble: why the export would fail, or nothing."""
    fits = batch == params.batch_size
    words = [] if fits else [not_fitting(params.batch_size, params.image_size, batch)]
    words.append(
        f"{found.total.words()} on {device}, at {images_per_second:.3g} images/s in training; "
        f"the largest part is {found.largest} ({found.share:.0%})."
    )
    words.append(f"A step of {batch} images takes {gigabytes(memory)} of memory in all.")
    if params.processes > 1:
        words.append(f"One process was measured; {params.processes} share the training's steps, so it may be shorter.")
    if params.patience:
        words.append("Stopping early makes it shorter.")
    if trouble:
        words.append(f"The export of an untrained network failed: {trouble}")
    return {
        "summary": " ".join(words),
        **found.to_json(),
        "largest": found.largest,
        "images_per_second": images_per_second,
        "memory": memory,
        "device": device,
        "batch_size": batch,
        "fits": fits,
        "trouble": trouble,
    }


def not_fitting(batch: int, side: int, largest: int) -> str:
    return (
        f"{batch} images of {side} px do not fit in memory in one step; {largest} do "
        f"(--batch-size {largest}), and the figures are for that."
    )


def gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.0f} MB"

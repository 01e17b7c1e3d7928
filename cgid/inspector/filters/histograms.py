"""Channel histograms: clipped ends indicate exposure, gaps and spikes indicate later contrast changes.

Gaps and peaks as traces of contrast enhancement: Stamm and Liu, Blind forensics of contrast enhancement in digital
images, ICIP 2008. A gap here is a value without pixels whose two neighbours have MIN_FILLED pixels or more on
average, which is very unlikely by chance; a spike is a value that occurs over twice as often as its neighbours.
"""

from __future__ import annotations

import numpy as np

from cgid.inspector.channels import NAMES, RGB, channel
from cgid.inspector.filter import Choice, Filter, FilterResult
from cgid.inspector.view import View

DEFAULT_CHANNELS = ("brightness", *RGB)
ALL = "all"
MIN_FILLED = 20  # pixels


def gaps_and_spikes(counts: np.ndarray) -> tuple[int, int]:
    """(gaps, spikes) of 256 counts; both ends are excluded, since clipped values accumulate there."""
    beside = (counts[:-2] + counts[2:]) / 2
    middle, filled = counts[1:-1], beside >= MIN_FILLED
    return int((filled & (middle == 0)).sum()), int((filled & (middle > 2 * beside)).sum())


def _apply(view: View, shown: str, scale: str, shape: str) -> FilterResult:
    names = DEFAULT_CHANNELS if shown == ALL else (shown,)
    counts = {name: np.bincount(channel(view, name).ravel(), minlength=256) for name in names}
    pixels = view.luma.size
    shares = [100 * c / pixels for c in counts.values()]
    if shape == "cumulative":
        shares = [np.cumsum(s) for s in shares]
    columns = {
        "value": np.tile(np.arange(256), len(names)),
        "channel": np.repeat(names, 256),
        "share": np.concatenate(shares),
        "scale": np.full(256 * len(names), scale),
    }
    return FilterResult(
        f"{_range_text(names[0], counts[names[0]] / pixels)}; {_irregularity_text(counts)}.", columns=columns
    )


def _range_text(name: str, shares: np.ndarray) -> str:
    used = np.flatnonzero(shares)
    return (
        f"{name[:1].upper() + name[1:]} runs from {used[0]} to {used[-1]}, {100 * shares[0]:.1f} % of the pixels are at 0 "
        f"and {100 * shares[255]:.1f} % at 255"
    )


def _irregularity_text(counts: dict[str, np.ndarray]) -> str:
    counted = {name: gaps_and_spikes(c) for name, c in counts.items()}
    worst = max(counted, key=lambda name: sum(counted[name]))
    gaps, spikes = counted[worst]
    if gaps + spikes == 0:
        return "no gaps and no spikes"
    named = [f"{n} {word}{'s' * (n != 1)}" for n, word in ((gaps, "gap"), (spikes, "spike")) if n]
    return f"{worst} has {' and '.join(named)} among well-filled values"


FILTER = Filter(
    name="histograms",
    title="Histograms",
    category="Colour and light",
    shows="How many pixels have each value from 0 (dark) to 255 (bright): for brightness, red, green "
    "and blue together, or for any one channel.",
    read="A camera's curve is smooth. Regularly spaced gaps and spikes mean that contrast, brightness "
    "or colour was changed afterwards; a wall at either end means that highlights or shadows were clipped.",
    cannot="JPEG compression after the change, resizing and noise fill the gaps again; images with few pixels or few "
    "colours are naturally ragged.",
    apply=_apply,
    parameters=(
        Choice("shown", "Channel", (ALL, *NAMES), ALL),
        Choice("scale", "Height", ("linear", "square root", "logarithmic"), "linear"),
        Choice("shape", "Count", ("each value", "cumulative"), "each value"),
    ),
    chart="channel_histogram",
    cite="Stamm and Liu, ICIP 2008",
)

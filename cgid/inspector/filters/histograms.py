"""Counts how often each value occurs: clipped ends tell of exposure, gaps and spikes of contrast stretched afterwards.

Gaps and peaks as traces of contrast enhancement: Stamm and Liu, Blind forensics of contrast enhancement in digital
images, ICIP 2008. A gap here is a value that no pixel has though its two neighbours have FILLED pixels or more on
average, which chance all but rules out; a spike is a value that occurs over twice as often as its neighbours.
"""

from __future__ import annotations

import numpy as np

from cgid.inspector.channels import NAMES, RGB, channel
from cgid.inspector.filter import Choice, Drawn, Filter
from cgid.inspector.view import View

TOGETHER = ("brightness", *RGB)
ALL = "all"
FILLED = 20  # pixels


def irregular(counts: np.ndarray) -> tuple[int, int]:
    """(gaps, spikes) of 256 counts; both ends are left out, since clipped values pile up there."""
    beside = (counts[:-2] + counts[2:]) / 2
    middle, filled = counts[1:-1], beside >= FILLED
    return int((filled & (middle == 0)).sum()), int((filled & (middle > 2 * beside)).sum())


def _draw(view: View, shown: str, scale: str, shape: str) -> Drawn:
    names = TOGETHER if shown == ALL else (shown,)
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
    return Drawn(f"{_ends(names[0], counts[names[0]] / pixels)}; {_traces(counts)}.", columns=columns)


def _ends(name: str, shares: np.ndarray) -> str:
    used = np.flatnonzero(shares)
    return (
        f"{name[:1].upper() + name[1:]} runs from {used[0]} to {used[-1]}, {100 * shares[0]:.1f} % of the pixels are at 0 "
        f"and {100 * shares[255]:.1f} % at 255"
    )


def _traces(counts: dict[str, np.ndarray]) -> str:
    found = {name: irregular(c) for name, c in counts.items()}
    worst = max(found, key=lambda name: sum(found[name]))
    gaps, spikes = found[worst]
    if gaps + spikes == 0:
        return "no gaps and no spikes"
    named = [f"{n} {word}{'s' * (n != 1)}" for n, word in ((gaps, "gap"), (spikes, "spike")) if n]
    return f"{worst} has {' and '.join(named)} among well-filled values"


FILTER = Filter(
    name="histograms",
    title="Histograms",
    shelf="Colour and light",
    shows="How many pixels have each value from 0 (dark) to 255 (bright): for brightness, red, green "
    "and blue together, or for any one channel.",
    read="A camera's curve is smooth. A comb of gaps and spikes at regular distances means that contrast, brightness "
    "or colour was changed afterwards; a wall at either end means that light or shade was cut off.",
    cannot="Saving as JPEG after the change, resizing and noise fill the gaps again; pictures with few pixels or few "
    "colours are ragged by nature.",
    draw=_draw,
    parameters=(
        Choice("shown", "Channel", (ALL, *NAMES), ALL),
        Choice("scale", "Height", ("linear", "square root", "logarithmic"), "linear"),
        Choice("shape", "Count", ("each value", "cumulative"), "each value"),
    ),
    chart="channel_histogram",
    cite="Stamm and Liu, ICIP 2008",
)

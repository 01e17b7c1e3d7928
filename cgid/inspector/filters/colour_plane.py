"""2-D histogram of two colour channels: painted or graded regions form lines, grids or separate clouds."""

from __future__ import annotations

import numpy as np

from cgid.imaging.display import PALETTES, colormap
from cgid.inspector.channels import channel
from cgid.inspector.filter import Choice, Filter, FilterResult
from cgid.inspector.view import View

PAIRS = {
    "red and green": ("red", "green"),
    "red and blue": ("red", "blue"),
    "green and blue": ("green", "blue"),
    "Cb and Cr": ("blue difference (Cb)", "red difference (Cr)"),
    "a and b (Lab)": ("green to red (Lab)", "blue to yellow (Lab)"),
    "saturation and value (HSV)": ("saturation (HSV)", "value (HSV)"),
    "brightness and saturation": ("brightness", "saturation (HSV)"),
    "hue and saturation (wheel)": ("hue (HSV)", "saturation (HSV)"),
}
CELLS, ENLARGED = 256, 2


def _apply(view: View, pair: str, colours: str) -> FilterResult:
    across, up = (channel(view, name) for name in PAIRS[pair])
    wheel = pair.endswith("(wheel)")
    x, y = _on_wheel(across, up) if wheel else (across, up)
    cell = (np.uint16(CELLS - 1) - y) * np.uint16(CELLS) + x
    cell = cell.ravel()
    counts = np.bincount(cell, minlength=CELLS**2)
    tones = np.log1p(counts) * (255 / np.log1p(counts.max()))
    if colours == "the pixels' own":
        picture = _own_colours(view, cell, counts)
    else:
        picture = colormap(tones.astype(np.uint8).reshape(CELLS, CELLS), colours)
    picture = picture.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)
    axes = "Hue is the angle (red right, green upper left), saturation the distance from the middle" if wheel else (
        f"Right: {PAIRS[pair][0]}, up: {PAIRS[pair][1]}, from 0 to 255{_correlation_text(across, up)}"
    )  # fmt: skip
    busiest = counts.max() / cell.size
    filled = f"the pixels fill {(counts > 0).sum():,} of {CELLS**2:,} cells, the fullest holds {100 * busiest:.1f} %"
    return FilterResult(f"{axes}; {filled}.", picture, aligned=False)


def _on_wheel(hue: np.ndarray, saturation: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """uint8 columns and rows (counted upwards) of the cell of each pixel."""
    angle = np.arange(256) * (2 * np.pi / 256)
    reach = np.arange(256)[:, None] * ((CELLS / 2 - 1) / 255)
    at = saturation.astype(np.uint16) * np.uint16(256) + hue
    x, y = (np.rint(CELLS / 2 + reach * turn(angle)).astype(np.uint8).ravel() for turn in (np.cos, np.sin))
    return x[at], y[at]


def _own_colours(view: View, cell: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The mean colour of the pixels in each cell, on black; cells with few pixels are shown as bright as full ones."""
    sums = [np.bincount(cell, weights=view.rgb[..., k].ravel(), minlength=CELLS**2) for k in range(3)]
    mean = np.stack(sums, axis=-1) / np.maximum(counts, 1)[:, None]
    mean[counts > 0] = mean[counts > 0] * 0.8 + 51  # else black pixels would be lost on the black ground
    return mean.round().astype(np.uint8).reshape(CELLS, CELLS, 3)


def _correlation_text(across: np.ndarray, up: np.ndarray) -> str:
    x, y = (np.asarray(p, np.float32).ravel() for p in (across, up))
    x, y = x - x.mean(dtype=np.float64).astype(np.float32), y - y.mean(dtype=np.float64).astype(np.float32)
    spread = float(np.sqrt(np.square(x).mean(dtype=np.float64) * np.square(y).mean(dtype=np.float64)))
    return f"; correlation {float((x * y).mean(dtype=np.float64)) / spread:.2f}" if spread > 1e-6 else ""


FILTER = Filter(
    name="colour_plane",
    title="Colour plot (2-D)",
    category="Colour and light",
    shows="How many pixels have each combination of two colour values: brighter means more (logarithmic).",
    read="A photo forms soft clouds. Straight lines, a grid, sharp corners or empty stripes mean that colours were "
    "computed: stretched contrast, a filter, a palette, painted areas. An isolated cloud is a region with "
    "distinct colours: look for it in the image.",
    cannot="It does not show where in the image a colour occurs, and graphics, posters and screens naturally form lines.",
    apply=_apply,
    parameters=(
        Choice("pair", "Axes", tuple(PAIRS), "red and green"),
        Choice("colours", "Colours", (*PALETTES, "the pixels' own"), "heat"),
    ),
)

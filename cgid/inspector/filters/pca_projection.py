"""Shows the picture along its own main directions of colour, so that what departs from its usual colours stands out.

Principal component analysis of the pixels' RGB values, as in Krawetz, A Picture's Worth, Black Hat DC 2008. The
direction's sign is fixed: its largest part is positive.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cgid.imaging.display import PALETTES, coloured, equalised, stretched
from cgid.inspector.filter import Choice, Drawn, Filter
from cgid.inspector.view import View

COMPONENTS = ("component 1", "component 2", "component 3")
DISTANCES = ("distance from the mean colour", "distance, unusual directions count more", "distance from the main axis")
FLAT = 1e-6  # variance (grey levels²) of a direction that does not vary


@dataclass(frozen=True, slots=True)
class Axes:
    """mean: (3,) RGB. directions: (3, 3), a row each, the widest first. variance: (3,) in grey levels²."""

    mean: np.ndarray
    directions: np.ndarray
    variance: np.ndarray


def axes(view: View) -> Axes:
    """Of all pixels of the view; sums in float64, a strip at a time."""
    total, products, pixels = np.zeros(3), np.zeros((3, 3)), view.luma.size
    for strip in np.array_split(view.rgb.reshape(-1, 3), max(1, pixels // 200_000)):
        values = strip.astype(np.float64)
        total += values.sum(axis=0)
        products += values.T @ values
    mean = total / pixels
    variance, columns = np.linalg.eigh(products / pixels - np.outer(mean, mean))
    directions = columns.T[::-1]
    sign = np.sign(directions[np.arange(3), np.abs(directions).argmax(axis=1)])
    return Axes(mean, directions * sign[:, None], np.maximum(variance[::-1], 0))


def _draw(view: View, shown: str, contrast: str, colours: str) -> Drawn:
    found = view.once(axes)
    values = _projected(view.rgb, found, shown)
    tones = equalised(values) if contrast == "equalised" else stretched(values)
    return Drawn(_told(found, shown), tones if colours == "grey" else coloured(tones, colours))


def _projected(rgb: np.ndarray, found: Axes, shown: str) -> np.ndarray:
    """float32 (h, w)."""
    import cv2

    offset = -(found.directions @ found.mean)
    rows = np.column_stack([found.directions, offset]).astype(np.float32)
    if shown in COMPONENTS:
        k = COMPONENTS.index(shown)
        return cv2.transform(rgb.astype(np.float32), rows[k : k + 1])
    if shown == DISTANCES[1]:
        scale = np.where(found.variance > FLAT, 1 / np.sqrt(np.maximum(found.variance, FLAT)), 0)
        rows = rows * scale[:, None].astype(np.float32)
    elif shown == DISTANCES[2]:
        rows = rows[1:]
    along = cv2.transform(rgb.astype(np.float32), rows)
    return np.sqrt(np.square(along, out=along).sum(axis=2))


def _told(found: Axes, shown: str) -> str:
    if found.variance[0] <= FLAT:
        return "All pixels have one colour: there is no direction to project on."
    share = 100 * found.variance / found.variance.sum()
    if shown in COMPONENTS:
        k = COMPONENTS.index(shown)
        red, green, blue = found.directions[k]
        return (
            f"{shown.capitalize()} holds {share[k]:.2f} % of the colour variance and weighs red by {red:.2f}, green by "
            f"{green:.2f}, blue by {blue:.2f}."
        )
    mean = ", ".join(f"{v:.0f}" for v in found.mean)
    return (
        f"{shown.capitalize()}: the mean is RGB ({mean}), the main axis holds {share[0]:.2f} % of the colour variance."
    )


FILTER = Filter(
    name="pca_projection",
    title="Colour PCA",
    shelf="Colour and light",
    shows="Each pixel's place along the direction in which the picture's colours differ most (component 1), second "
    "most or least (component 3), or how far it lies from the usual colours.",
    read="Component 1 is close to brightness. Components 2 and 3 show what is left: compression blocks, colour noise, "
    "patches with colours or noise of their own. A region brighter, smoother or coarser there than its likes was "
    "treated in another way.",
    cannot="A rare but honest colour stands out just as much, and in grey pictures components 2 and 3 hold nothing but "
    "rounding.",
    draw=_draw,
    parameters=(
        Choice("shown", "Projection", COMPONENTS + DISTANCES, COMPONENTS[2]),
        Choice("contrast", "Contrast", ("stretched", "equalised"), "stretched"),
        Choice("colours", "Colours", ("grey", *PALETTES), "grey"),
    ),
    cite="Krawetz, A Picture's Worth, Black Hat DC 2008",
)

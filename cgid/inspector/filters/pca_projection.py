"""Colour PCA: projects the image on its principal colour directions, so that unusual colours stand out.

Principal component analysis of the pixels' RGB values, as in Krawetz, A Image's Worth, Black Hat DC 2008. The
sign of a direction is fixed: its largest component is positive.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cgid.imaging.display import PALETTES, colormap, equalise_histogram, normalise_percentiles
from cgid.inspector.filter import Choice, Filter, FilterResult
from cgid.inspector.view import View

COMPONENTS = ("component 1", "component 2", "component 3")
DISTANCES = ("distance from the mean colour", "distance, unusual directions count more", "distance from the main axis")
MIN_VARIANCE = 1e-6  # variance (grey levels²) of a direction that does not vary


@dataclass(frozen=True, slots=True)
class Axes:
    """mean: (3,) RGB. directions: (3, 3), a row each, the widest first. variance: (3,) in grey levels²."""

    mean: np.ndarray
    directions: np.ndarray
    variance: np.ndarray


def principal_axes(view: View) -> Axes:
    """Principal axes of all pixels of the view; sums in float64, one strip at a time."""
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


def _apply(view: View, shown: str, contrast: str, colours: str) -> FilterResult:
    principal = view.cached(principal_axes)
    values = _project(view.rgb, principal, shown)
    tones = equalise_histogram(values) if contrast == "equalised" else normalise_percentiles(values)
    return FilterResult(_describe(principal, shown), tones if colours == "grey" else colormap(tones, colours))


def _project(rgb: np.ndarray, principal: Axes, shown: str) -> np.ndarray:
    """float32 (h, w)."""
    import cv2

    offset = -(principal.directions @ principal.mean)
    rows = np.column_stack([principal.directions, offset]).astype(np.float32)
    if shown in COMPONENTS:
        k = COMPONENTS.index(shown)
        return cv2.transform(rgb.astype(np.float32), rows[k : k + 1])
    if shown == DISTANCES[1]:
        scale = np.where(
            principal.variance > MIN_VARIANCE, 1 / np.sqrt(np.maximum(principal.variance, MIN_VARIANCE)), 0
        )
        rows = rows * scale[:, None].astype(np.float32)
    elif shown == DISTANCES[2]:
        rows = rows[1:]
    along = cv2.transform(rgb.astype(np.float32), rows)
    return np.sqrt(np.square(along, out=along).sum(axis=2))


def _describe(principal: Axes, shown: str) -> str:
    if principal.variance[0] <= MIN_VARIANCE:
        return "All pixels have one colour: there is no direction to project on."
    percent = 100 * principal.variance / principal.variance.sum()
    if shown in COMPONENTS:
        k = COMPONENTS.index(shown)
        red, green, blue = principal.directions[k]
        return (
            f"{shown.capitalize()} holds {percent[k]:.2f} % of the colour variance and weighs red by {red:.2f}, green by "
            f"{green:.2f}, blue by {blue:.2f}."
        )
    mean = ", ".join(f"{v:.0f}" for v in principal.mean)
    return f"{shown.capitalize()}: the mean is RGB ({mean}), the main axis holds {percent[0]:.2f} % of the colour variance."


FILTER = Filter(
    name="pca_projection",
    title="Colour PCA",
    category="Colour and light",
    shows="Each pixel's position along the direction in which the image's colours vary most (component 1), second "
    "most or least (component 3), or its distance from the typical colours.",
    read="Component 1 is close to brightness. Components 2 and 3 show what is left: compression blocks, colour noise, "
    "patches with colours or noise of their own. A region brighter, smoother or coarser there than similar ones was "
    "processed differently.",
    cannot="A rare but authentic colour stands out just as much, and in grey images components 2 and 3 contain only "
    "rounding errors.",
    apply=_apply,
    parameters=(
        Choice("shown", "Projection", COMPONENTS + DISTANCES, COMPONENTS[2]),
        Choice("contrast", "Contrast", ("stretched", "equalised"), "stretched"),
        Choice("colours", "Colours", ("grey", *PALETTES), "grey"),
    ),
    cite="Krawetz, A Image's Worth, Black Hat DC 2008",
)

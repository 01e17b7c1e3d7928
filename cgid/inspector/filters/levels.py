"""Tone mapping: spreads a chosen range of values from black to white, to reveal shadows and highlights."""

from __future__ import annotations

import numpy as np

from cgid.imaging.display import equalise_histogram, percentile_range
from cgid.inspector.channels import brightness
from cgid.inspector.filter import Choice, Filter, FilterResult, Slider, Span
from cgid.inspector.view import View

WINDOW, AUTOMATIC, EQUALISED, LOCAL = "range by hand", "range found by itself", "equalised", "equalised locally"
TILES = 8  # a side, for local equalisation
INVERTED = "inverted"


def tone_curve(low: float, high: float, gamma: float) -> np.ndarray:
    """uint8 (256,): output of each value. `low` maps to black, `high` to white; a gamma above 1 lifts the dark tones."""
    position = ((np.arange(256) - low) / max(high - low, 1e-6)).clip(0, 1)
    return np.rint(255 * position ** (1 / gamma)).astype(np.uint8)


def _apply(
    view: View, method: str, window: tuple[float, float], gamma: float, strength: float, colours: str
) -> FilterResult:
    import cv2

    gray = view.cached(brightness)
    if method in (WINDOW, AUTOMATIC):
        low, high = window if method == WINDOW else percentile_range(gray, 1)
        outside = 100 * float(np.mean(gray < low)), 100 * float(np.mean(gray > high))
        finding = (
            f"Values from {low:.0f} to {high:.0f} are spread over the whole range; {outside[0]:.1f} % of the pixels are "
            f"darker, {outside[1]:.1f} % brighter"
        )
        tones = tone_curve(low, high, gamma)
        picture = cv2.LUT(view.rgb if colours == "kept" else gray, tones)
    else:
        if method == LOCAL:
            equalised_tones = cv2.createCLAHE(strength, (TILES, TILES)).apply(gray)
            finding = f"Brightness is equalised in {TILES} x {TILES} parts"
        else:
            equalised_tones = equalise_histogram(gray)
            finding = "Brightness is equalised over the whole view"
        equalised_tones = cv2.LUT(equalised_tones, tone_curve(0, 255, gamma))
        picture = _with_brightness(view.rgb, gray, equalised_tones) if colours == "kept" else equalised_tones
        finding += f"; its mean was {float(gray.mean()):.0f} and is {float(equalised_tones.mean()):.0f}"
    return FilterResult(f"{finding}.", 255 - picture if colours == INVERTED else picture)


def _with_brightness(rgb: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """The image with brightness `after` in place of `before`, colour differences preserved."""
    import cv2

    change = cv2.subtract(after, before, dtype=cv2.CV_16S)
    return np.clip(rgb + change[..., None], 0, 255).astype(np.uint8)


FILTER = Filter(
    name="levels",
    title="Levels",
    category="Colour and light",
    shows="The image with a chosen range of values spread from black to white, or with brightness equalised.",
    read="Manually, choose 0 to 40 for the shadows, 215 to 255 for the highlights. Brush strokes, cut-out edges, "
    "halos and blocks in uniform dark or bright areas are traces of editing; an object whose lifted shadows "
    "are cleaner than those around it was probably inserted.",
    cannot="Noise and JPEG blocks become visible in authentic images too.",
    apply=_apply,
    parameters=(
        Choice("method", "Method", (LOCAL, EQUALISED, AUTOMATIC, WINDOW), LOCAL),
        Span("window", "Manual range", 0, 255, (0.0, 128.0), 1),
        Slider("gamma", "Gamma (above 1 lifts the dark tones)", 0.2, 4.0, 1.0, 0.1),
        Slider("strength", "Strength of local equalisation", 1.0, 20.0, 3.0, 0.5),
        Choice("colours", "Colours", ("kept", "grey", INVERTED), "kept"),
    ),
)

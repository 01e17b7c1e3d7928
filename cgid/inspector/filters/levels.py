"""Opens up shadows and lights: a chosen range of values is spread from black to white, to see what is hidden there."""

from __future__ import annotations

import numpy as np

from cgid.imaging.display import equalised, limits
from cgid.inspector.channels import brightness
from cgid.inspector.filter import Choice, Drawn, Filter, Slider, Span
from cgid.inspector.view import View

WINDOW, AUTOMATIC, EQUALISED, LOCAL = "range by hand", "range found by itself", "equalised", "equalised locally"
TILES = 8  # a side, for local equalisation
INVERTED = "inverted"


def curve(low: float, high: float, gamma: float) -> np.ndarray:
    """uint8 (256,): what each value becomes. `low` turns black, `high` white; a gamma above 1 lifts the dark tones."""
    share = ((np.arange(256) - low) / max(high - low, 1e-6)).clip(0, 1)
    return np.rint(255 * share ** (1 / gamma)).astype(np.uint8)


def _draw(view: View, method: str, window: tuple[float, float], gamma: float, strength: float, colours: str) -> Drawn:
    import cv2

    gray = view.once(brightness)
    if method in (WINDOW, AUTOMATIC):
        low, high = window if method == WINDOW else limits(gray, 1)
        outside = 100 * float((gray < low).mean()), 100 * float((gray > high).mean())
        told = (
            f"Values from {low:.0f} to {high:.0f} are spread over the whole range; {outside[0]:.1f} % of the pixels are "
            f"darker, {outside[1]:.1f} % brighter"
        )
        tones = curve(low, high, gamma)
        picture = cv2.LUT(view.rgb if colours == "kept" else gray, tones)
    else:
        if method == LOCAL:
            even = cv2.createCLAHE(strength, (TILES, TILES)).apply(gray)
            told = f"Brightness is equalised in {TILES} x {TILES} parts"
        else:
            even = equalised(gray)
            told = "Brightness is equalised over the whole view"
        even = cv2.LUT(even, curve(0, 255, gamma))
        picture = _relit(view.rgb, gray, even) if colours == "kept" else even
        told += f"; its mean was {float(gray.mean()):.0f} and is {float(even.mean()):.0f}"
    return Drawn(f"{told}.", 255 - picture if colours == INVERTED else picture)


def _relit(rgb: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """The picture with brightness `after` in place of `before`, colour differences kept."""
    import cv2

    change = cv2.subtract(after, before, dtype=cv2.CV_16S)
    return np.clip(rgb + change[..., None], 0, 255).astype(np.uint8)


FILTER = Filter(
    name="levels",
    title="Levels",
    shelf="Colour and light",
    shows="The picture with a chosen range of values spread from black to white, or with brightness equalised.",
    read="By hand, choose 0 to 40 to look into the shadows, 215 to 255 to look into the lights. Brush strokes, cut-out edges, "
    "halos and blocks in even dark or bright areas are traces of work on the picture; lifted shadows of one object "
    "that are cleaner than those around it come from elsewhere.",
    cannot="Noise and JPEG blocks are made visible in honest pictures too.",
    draw=_draw,
    parameters=(
        Choice("method", "Method", (LOCAL, EQUALISED, AUTOMATIC, WINDOW), LOCAL),
        Span("window", "Range by hand", 0, 255, (0.0, 128.0), 1),
        Slider("gamma", "Gamma (above 1 lifts the dark tones)", 0.2, 4.0, 1.0, 0.1),
        Slider("strength", "Strength of local equalisation", 1.0, 20.0, 3.0, 0.5),
        Choice("colours", "Colours", ("kept", "grey", INVERTED), "kept"),
    ),
)

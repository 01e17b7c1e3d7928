"""Cuts away all detail weaker than a threshold, or shows only it: where the weak detail stops, something was smoothed."""

from __future__ import annotations

import numpy as np

from cgid.inspector import starlet
from cgid.inspector.filter import Choice, Drawn, Filter, Slider
from cgid.inspector.view import View


def _five(view: View) -> tuple[list[np.ndarray], np.ndarray]:
    return starlet.layers(view.luma, len(starlet.OF_NOISE))


def _draw(view: View, threshold: float, levels: int, cut: str, show: str, amplify: float) -> Drawn:
    details, _ = view.once(_five)
    noise = starlet.noise_of(details[0])
    removed = np.zeros(view.luma.shape, np.float32)
    kept = pixels = 0
    for detail, share in zip(details[:levels], starlet.OF_NOISE):
        above = starlet.thresholded(detail, threshold * noise * share, soft=cut == "soft")
        kept += int(np.count_nonzero(above))
        pixels += above.size
        removed += detail
        removed -= above
    weak = removed * np.float32(amplify) + np.float32(128)
    shown = view.luma - removed if show == "the picture without it" else weak
    finding = (
        f"The noise is estimated at {noise:.2f} levels; {100 * kept / pixels:.1f} % of the detail in "
        f"{levels} layer{'s' if levels > 1 else ''} stands above {threshold:g} times it."
    )
    return Drawn(finding, np.rint(shown).clip(0, 255).astype(np.uint8))


FILTER = Filter(
    name="wavelet_threshold",
    title="Wavelet threshold",
    shelf="Noise",
    shows="The detail weaker than a threshold, amplified, or the picture without it. Detail is taken in layers from "
    "one pixel (layer 1) to sixteen pixels (layer 5).",
    read="Raise the threshold until the grain is caught. It should cover the whole picture alike; a part that stays "
    "empty was smoothed or made without grain, one with more of it comes from elsewhere.",
    cannot="Faint texture such as skin or cloth falls below the threshold as grain does. Compression empties flat areas.",
    draw=_draw,
    parameters=(
        Slider("threshold", "Threshold", 0.0, 10.0, 3.0, 0.25, "times the noise"),
        Slider("levels", "Layers", 1, 5, 3, 1),
        Choice("cut", "Cut", ("hard", "soft"), "hard"),
        Choice("show", "Show", ("the weak detail", "the picture without it"), "the weak detail"),
        Slider("amplify", "Amplification", 1.0, 50.0, 12.0, 1.0, "times"),
    ),
    cite="Donoho and Johnstone, Ideal spatial adaptation by wavelet shrinkage, Biometrika 1994",
)

"""Wavelet thresholding: shows or removes weak detail; where weak detail is missing, the image was smoothed."""

from __future__ import annotations

import numpy as np

from cgid.inspector import starlet
from cgid.inspector.filter import Choice, Filter, FilterResult, Slider
from cgid.inspector.view import View


def _decomposition(view: View) -> tuple[list[np.ndarray], np.ndarray]:
    return starlet.decompose(view.luma, len(starlet.NOISE_GAINS))


def _apply(view: View, threshold: float, levels: int, cut: str, show: str, amplify: float) -> FilterResult:
    details, _ = view.cached(_decomposition)
    noise = starlet.noise_level(details[0])
    removed = np.zeros(view.luma.shape, np.float32)
    retained = pixels = 0
    for detail, share in zip(details[:levels], starlet.NOISE_GAINS):
        above = starlet.threshold_layer(detail, threshold * noise * share, soft=cut == "soft")
        retained += int(np.count_nonzero(above))
        pixels += above.size
        removed += detail
        removed -= above
    weak = removed * np.float32(amplify) + np.float32(128)
    shown = view.luma - removed if show == "the picture without it" else weak
    finding = (
        f"The noise is estimated at {noise:.2f} levels; {100 * retained / pixels:.1f} % of the detail in "
        f"{levels} layer{'s' if levels > 1 else ''} stands above {threshold:g} times it."
    )
    return FilterResult(finding, np.rint(shown).clip(0, 255).astype(np.uint8))


FILTER = Filter(
    name="wavelet_threshold",
    title="Wavelet threshold",
    category="Noise",
    shows="The detail weaker than a threshold, amplified, or the image without it. Detail is taken in layers from "
    "one pixel (layer 1) to sixteen pixels (layer 5).",
    read="Raise the threshold until the noise is captured. It should cover the whole image evenly; a part that stays "
    "empty was smoothed or created without noise, one with more noise was probably inserted.",
    cannot="Faint texture such as skin or fabric falls below the threshold like noise. Compression empties flat areas.",
    apply=_apply,
    parameters=(
        Slider("threshold", "Threshold", 0.0, 10.0, 3.0, 0.25, "times the noise"),
        Slider("levels", "Layers", 1, 5, 3, 1),
        Choice("cut", "Thresholding", ("hard", "soft"), "hard"),
        Choice("show", "Show", ("the weak detail", "the picture without it"), "the weak detail"),
        Slider("amplify", "Amplification", 1.0, 50.0, 12.0, 1.0, "times"),
    ),
    cite="Donoho and Johnstone, Ideal spatial adaptation by wavelet shrinkage, Biometrika 1994",
)

"""Double quantisation map: blocks quantised once in a double-compressed JPEG were probably pasted between the saves."""

from __future__ import annotations

from typing import Any

import numpy as np

from cgid.evaluate.calibration import sigmoid
from cgid.features.signals import double_quantisation
from cgid.features.signals.dct_histogram import MODES, max_level
from cgid.inspector import coefficients
from cgid.inspector.filter import Filter, FilterResult, Slider
from cgid.inspector.overlays import blocks_to_pixels, hatch
from cgid.inspector.view import View

MIN_BLOCKS = 64
MIN_WEIGHT = 2  # informative coefficients in a neighbourhood
MIN_PROBABILITY = 0.9


def log_ratio(view: View, quality: int) -> tuple[np.ndarray, np.ndarray]:
    """(evidence, weight) of each block, float32 (rows, columns).

    evidence: log of how much likelier its coefficients are after a first save at that quality than without one, summed
    over MODES frequencies. weight: number of its coefficients that can tell, that is are not zero and not off the
    scale.
    """
    sizes = view.cached(coefficients.magnitudes)
    evidence, weight = np.zeros(sizes.shape[1:], np.float32), np.zeros(sizes.shape[1:], np.float32)
    for mode in range(1, MODES + 1):
        step = coefficients.quantisation_step(view, mode)
        reach = max_level(step)
        gain = np.zeros(reach + 2, np.float32)
        gain[1:-1] = double_quantisation.gains(mode, step, reach)[:, quality - 1]
        size = np.minimum(sizes[mode - 1], reach + 1)
        evidence += gain[size]
        weight += gain[size] != 0
    return evidence, weight


def single_compression_probability(view: View, quality: int, window: int) -> tuple[np.ndarray, np.ndarray]:
    """(probability that a block was not first compressed at `quality`, whether it is informative), both (rows, columns).

    Even prior odds; evidence is summed over the neighbourhood and divided by its side, since neighbours are not
    independent.
    """
    import cv2

    evidence, weight = log_ratio(view, quality)
    area: dict[str, Any] = {"ksize": (window, window), "normalize": False, "borderType": cv2.BORDER_REPLICATE}
    evidence = cv2.boxFilter(evidence, cv2.CV_32F, **area).reshape(evidence.shape) / np.float32(window)
    weight = cv2.boxFilter(weight, cv2.CV_32F, **area).reshape(evidence.shape)
    return sigmoid(-evidence), weight >= MIN_WEIGHT


def _apply(view: View, earlier: int, window: int) -> FilterResult:
    shape = view.stored.shape[:2]
    empty = view.upright(hatch(np.zeros(shape, np.uint8), np.ones(shape, bool)))
    if view.cached(coefficients.block_coefficients)[0].size < MIN_BLOCKS:
        return FilterResult("The view has too few blocks to distinguish one compression from two.", empty)
    evidence = view.cached(coefficients.evidence)
    quality = earlier or int(evidence.argmax()) + 1
    strength = float(evidence[quality - 1])
    if not earlier and strength < double_quantisation.DETECTION_THRESHOLD:
        return FilterResult(
            "No earlier compression on this block grid shows in the view, so no part can lack it.", empty
        )
    probability, known = single_compression_probability(view, quality, window)
    if not known.any():
        return FilterResult(
            f"No block has enough detail to evaluate an earlier compression at quality {quality}.", empty
        )
    picture = blocks_to_pixels(np.rint(probability * 255).astype(np.uint8), 8, shape)
    picture = hatch(picture, blocks_to_pixels(~known, 8, shape))
    percent = 100 * float((probability[known] > MIN_PROBABILITY).mean())
    finding = (
        f"An earlier compression at about quality {quality} shows (evidence {strength:.0f} standard errors); {percent:.0f} % of "
        "the blocks with detail seem not to have undergone it."
    )
    return FilterResult(finding, view.upright(picture))


FILTER = Filter(
    name="double_quantisation_map",
    title="Double compression map",
    category="Compression",
    shows="For images compressed as JPEG twice: bright blocks seem not to have undergone the first "
    "compression. Hatched blocks are too flat to evaluate.",
    read="A bright patch with a clear outline, in an image that is dark elsewhere, was probably inserted between the two "
    "compressions. Scattered bright blocks are chance: one block in ten in synthetic tests.",
    cannot="It needs an earlier compression that is coarser than the last one and on the same block grid. A patch pasted "
    "exactly on the grid from an image of the same quality stays dark, and crops and resizing hide everything.",
    apply=_apply,
    parameters=(
        Slider("earlier", "Earlier quality (0: automatic)", 0, 98, 0, 1),
        Slider("window", "Window", 1, 9, 3, 2, "blocks a side"),
    ),
    cite="Lin et al., Pattern Recognition 42, 2009; Bianchi and Piva, Image forgery localization via block-grained "
    "analysis of JPEG artifacts, IEEE TIFS 2012",
)

"""Which blocks were rounded twice and which once: a part pasted into an older JPEG lacks its first rounding."""

from __future__ import annotations

import numpy as np

from cgid.evaluate.calibration import sigmoid
from cgid.features.signals import double_quantisation
from cgid.features.signals.dct_histogram import MODES, reach_of
from cgid.inspector import coefficients
from cgid.inspector.filter import Drawn, Filter, Slider
from cgid.inspector.overlays import hatched, over_pixels
from cgid.inspector.view import View

LEAST_BLOCKS = 64
LEAST_TELLING = 2  # coefficients that can tell, in a neighbourhood
SURE = 0.9


def log_ratio(view: View, quality: int) -> tuple[np.ndarray, np.ndarray]:
    """(evidence, weight) of each block, float32 (rows, columns).

    evidence: log of how much likelier its coefficients are after a first save at that quality than without one, summed
    over MODES frequencies. weight: number of its coefficients that can tell, that is are not zero and not off the scale.
    """
    sizes = view.once(coefficients.magnitudes)
    found, weight = np.zeros(sizes.shape[1:], np.float32), np.zeros(sizes.shape[1:], np.float32)
    for mode in range(1, MODES + 1):
        step = coefficients.step_of(view, mode)
        reach = reach_of(step)
        gain = np.zeros(reach + 2, np.float32)
        gain[1:-1] = double_quantisation.gains(mode, step, reach)[:, quality - 1]
        size = np.minimum(sizes[mode - 1], reach + 1)
        found += gain[size]
        weight += gain[size] != 0
    return found, weight


def once_only(view: View, quality: int, window: int) -> tuple[np.ndarray, np.ndarray]:
    """(probability that a block was not saved at `quality` first, whether it can be told), both (rows, columns).

    Odds even beforehand; evidence summed over the neighbourhood and divided by its side, since neighbours are not
    independent witnesses.
    """
    import cv2

    found, weight = log_ratio(view, quality)
    area = dict(ksize=(window, window), normalize=False, borderType=cv2.BORDER_REPLICATE)
    found = cv2.boxFilter(found, cv2.CV_32F, **area).reshape(found.shape) / np.float32(window)
    weight = cv2.boxFilter(weight, cv2.CV_32F, **area).reshape(found.shape)
    return sigmoid(-found), weight >= LEAST_TELLING


def _draw(view: View, earlier: int, window: int) -> Drawn:
    shape = view.stored.shape[:2]
    empty = view.upright(hatched(np.zeros(shape, np.uint8), np.ones(shape, bool)))
    if view.once(coefficients.blocks)[0].size < LEAST_BLOCKS:
        return Drawn("The view has too few blocks to tell one save from two.", empty)
    evidence = view.once(coefficients.evidence)
    quality = earlier or int(evidence.argmax()) + 1
    strength = float(evidence[quality - 1])
    if not earlier and strength < double_quantisation.SEEN:
        return Drawn("No earlier save on this block grid shows in the view, so no part can lack it.", empty)
    chance, told = once_only(view, quality, window)
    if not told.any():
        return Drawn(f"No block has enough detail to tell about an earlier save at quality {quality}.", empty)
    picture = over_pixels(np.rint(chance * 255).astype(np.uint8), 8, shape)
    picture = hatched(picture, over_pixels(~told, 8, shape))
    share = 100 * float((chance[told] > SURE).mean())
    finding = (
        f"An earlier save at about quality {quality} shows (evidence {strength:.0f} standard errors); {share:.0f} % of "
        "the blocks with detail seem not to have been through it."
    )
    return Drawn(finding, view.upright(picture))


FILTER = Filter(
    name="double_quantisation_map",
    title="Double compression map",
    shelf="Compression",
    shows="Where the picture as a whole was saved as JPEG twice: bright blocks seem not to have been through the first "
    "save. Hatched blocks are too flat to tell.",
    read="A bright patch with an outline, in a picture that is dark elsewhere, was probably put there between the two "
    "saves. Scattered bright blocks are chance: on made pictures one block in ten.",
    cannot="It needs an earlier save that is coarser than the last one and lies on the same block grid. A patch pasted "
    "exactly on the grid from a picture of the same quality stays dark, and crops and resizing hide everything.",
    draw=_draw,
    parameters=(
        Slider("earlier", "Earlier quality (0: found by itself)", 0, 98, 0, 1),
        Slider("window", "Judged together", 1, 9, 3, 2, "blocks a side"),
    ),
    cite="Lin et al., Pattern Recognition 42, 2009; Bianchi and Piva, Image forgery localization via block-grained "
    "analysis of JPEG artifacts, IEEE TIFS 2012",
)

"""Colour filter array (CFA): demosaicing traces with a period of two pixels.

Gallagher and Chen, Image authentication by detecting traces of demosaicing, CVPR Workshops 2008: interpolated pixels
are smoother than measured ones, so a high-pass residual (four times the pixel minus its four neighbours) is weaker on
one of the two lattices of green, and strongest on one of the four positions of red and of blue. In a Bayer filter red and
blue are diagonal neighbours on the positions without green.
Magnitudes of the residual, central crop of at most 512 px a side in the file's own orientation, tiles of 32 px.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cgid.features.group import Feature, FeatureGroup, Map
from cgid.features.signals.shared import CAP, pixels
from cgid.imaging.display import normalise_contrast, thumbnail

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

TILE = 32
MIN_TILES = 4
# Upper left 2 x 2 px of the file, read in rows; the index is the value of `pattern`.
PATTERNS = ("RGGB", "GRBG", "GBRG", "BGGR")
# Bits. Images without a CFA reach 0.02; with subsampled chroma red and blue follow green, and the best two tie.
MIN_SCORE, MIN_MARGIN = 0.1, 0.2


def stored_pixels(image: ImageFile) -> np.ndarray:
    """uint8 (h, w, 3): as `shared.pixels`, in the file's own orientation, its corner on an even row and column."""
    if image.orientation == 1:
        return image.cached(pixels)
    stored = image.stored
    top, left = (max(0, side - CAP) // 2 // 8 * 8 for side in stored.shape[:2])
    return np.ascontiguousarray(stored[top : top + CAP, left : left + CAP])


def residual(channel: np.ndarray) -> np.ndarray:
    """int16 (h - 2, w - 2): magnitude of 4 x - its four neighbours, of a uint8 (h, w) channel without its border."""
    wide = channel.astype(np.int16)
    magnitude = wide[1:-1, 1:-1] * np.int16(4)
    for neighbour in (wide[:-2, 1:-1], wide[2:, 1:-1], wide[1:-1, :-2], wide[1:-1, 2:]):
        magnitude -= neighbour
    return np.abs(magnitude, out=magnitude)


def phase_means(magnitude: np.ndarray) -> np.ndarray:
    """float64 (tiles down, tiles across, 2, 2): mean residual of each place of the 2 x 2 px pattern, tile by tile.

    Place (0, 0) is the image's own corner. Images under a tile a side are one tile, as large as is even.
    """
    # The residual starts at pixel 1, an odd position: it is read from pixel 2 on.
    magnitude = magnitude[1:, 1:]
    tall, wide = (min(TILE, side // 2 * 2) for side in magnitude.shape)
    tile_rows, tile_columns = magnitude.shape[0] // tall, magnitude.shape[1] // wide
    whole = magnitude[: tile_rows * tall, : tile_columns * wide].astype(np.float32)
    rows = whole.reshape(tile_rows, tall // 2, 2, tile_columns * wide).sum(axis=1)
    both = rows.reshape(tile_rows, 2, tile_columns, wide // 2, 2).sum(axis=3)
    return both.transpose(0, 2, 1, 3).astype(np.float64) / (tall * wide / 4)


def compute(image: ImageFile) -> dict[str, float]:
    rgb = image.cached(stored_pixels)
    if min(rgb.shape[:2]) < 16:
        return {}
    tiles = [phase_means(residual(rgb[..., channel])) for channel in range(3)]
    if any(t.max() == 0 for t in tiles):
        return {}
    red, green, blue = (np.log2(t.mean(axis=(0, 1)) + 0.01) for t in tiles)
    scores = pattern_scores(red, green, blue)
    order = np.argsort(scores)
    score, margin = float(scores[order[-1]]), float(scores[order[-1]] - scores[order[-2]])
    values = {
        "green_lattice": abs(_lattice_ratio(green)),
        "red_place": float(red.max() - np.median(red)),
        "blue_place": float(blue.max() - np.median(blue)),
        "pattern_score": score,
        "pattern_margin": margin,
        "pattern": float(order[-1]) if score >= MIN_SCORE and margin >= MIN_MARGIN else np.nan,
        "row_period": abs(float(green[0].mean() - green[1].mean())),
        "column_period": abs(float(green[:, 0].mean() - green[:, 1].mean())),
        "green_excess": float(green.mean() - (red.mean() + blue.mean()) / 2),
    }
    return values | _tile_values(tiles[1])


def _lattice_ratio(green: np.ndarray) -> float:
    """log2 by which positions (0, 0) and (1, 1) exceed the other two."""
    return float(green[0, 0] + green[1, 1] - green[0, 1] - green[1, 0]) / 2


def pattern_scores(red: np.ndarray, green: np.ndarray, blue: np.ndarray) -> np.ndarray:
    """float64 (4,): log2 by which the measured positions of each of PATTERNS exceed the rest, from (2, 2) log2 means."""
    scores = []
    for row, column in ((0, 0), (0, 1), (1, 0), (1, 1)):
        # Red at (row, column), blue diagonally from it, green at the other two positions.
        of_red = (4 * red[row, column] - red.sum()) / 3
        of_blue = (4 * blue[1 - row, 1 - column] - blue.sum()) / 3
        of_green = -_lattice_ratio(green) if row == column else _lattice_ratio(green)
        scores.append((of_red + of_blue + of_green) / 3)
    return np.array(scores)


def _tile_values(green: np.ndarray) -> dict[str, float]:
    """Agreement of the tiles on the green lattice; missing under MIN_TILES tiles with detail."""
    tiles = np.log2(green.reshape(-1, 2, 2) + 0.25)
    tiles = tiles[green.reshape(-1, 4).mean(axis=1) > 1]
    if len(tiles) < MIN_TILES:
        return {}
    ratios = (tiles[:, 0, 0] + tiles[:, 1, 1] - tiles[:, 0, 1] - tiles[:, 1, 0]) / 2
    mean, deviation = float(ratios.mean()), float(ratios.std())
    return {
        "green_evidence": abs(mean) * np.sqrt(len(ratios)) / (deviation + 0.01),
        "green_agreement": float((np.sign(ratios) == np.sign(mean)).mean()),
        "green_unevenness": deviation,
    }


def draw(image: ImageFile) -> np.ndarray:
    """Green's residual on one lattice against the other, locally, in the file's own orientation."""
    stored = image.stored
    top, left = (max(0, side - 1024) // 2 // 8 * 8 for side in stored.shape[:2])
    green = stored[top : top + 1024, left : left + 1024, 1]
    if min(green.shape) < 16:
        return np.full(green.shape, 128, np.uint8)
    import cv2

    magnitude = residual(np.ascontiguousarray(green)).astype(np.float32)
    even = (np.add.outer(np.arange(magnitude.shape[0]), np.arange(magnitude.shape[1])) % 2 == 0).astype(np.float32)
    here, there = (cv2.blur(magnitude * lattice, (33, 33)) for lattice in (even, 1 - even))
    return thumbnail(normalise_contrast(np.log2((here + 0.25) / (there + 0.25)), -1.5, 1.5))


_BITS = "log2 ratio"
GROUP = FeatureGroup(
    key="cfa",
    title="Colour filter array",
    family="content",
    prefix="cfa",
    version=1,
    meaning="The two-pixel period that demosaicing leaves: a camera measures one colour per pixel and interpolates the others.",
    cite="Gallagher and Chen, Image authentication by detecting traces of demosaicing, CVPR Workshops 2008",
    weakness="Gone after any resizing and mostly after JPEG below quality 95, so its absence says little; good "
    "demosaicing leaves little trace anyway.",
    not_applicable="Under 16 px a side or a channel without detail; agreement of parts under four tiles of 32 px with "
    "detail; the pattern where none stands out.",
    compute=compute,
    features=(
        Feature(
            "green_lattice",
            "Green lattice",
            "How much rougher green is on one diagonal lattice than on the other",
            _BITS,
        ),
        Feature(
            "green_evidence", "Evidence for it", "Mean of that over tiles, over its standard error", "standard errors"
        ),
        Feature(
            "green_agreement",
            "Agreement",
            "Fraction of tiles in which the same lattice is the rougher one",
            "share 0..1",
        ),
        Feature("green_unevenness", "Variation", "Standard deviation of that ratio over tiles", _BITS),
        Feature(
            "red_place", "Red position", "How much rougher red is on one of four positions than on the others", _BITS
        ),
        Feature(
            "blue_place", "Blue position", "How much rougher blue is on one of four positions than on the others", _BITS
        ),
        Feature("pattern_score", "Bayer fit", "How well the best of the four Bayer patterns fits all colours", _BITS),
        Feature("pattern_margin", "Bayer margin", "How much better it fits than the second best", _BITS),
        Feature(
            "pattern", "Bayer pattern", "The best one: 0 RGGB, 1 GRBG, 2 GBRG, 3 BGGR; missing if none fits", "0..3"
        ),
        Feature(
            "row_period", "Row period", "How much even and odd rows of green differ; also from subsampled chroma", _BITS
        ),
        Feature("column_period", "Column period", "How much even and odd columns of green differ", _BITS),
        Feature("green_excess", "Green detail", "How much rougher green is than red and blue", _BITS),
    ),
    maps=(
        Map(
            "lattice",
            "Green lattice",
            draw,
            legend="Uniformly light or dark: a CFA trace everywhere. Middle grey: no trace.",
            caution="A part that differs was changed or is blurred, dark or overexposed; most JPEGs are all grey.",
        ),
    ),
)

"""Power spectrum with peaks: up-sampling, JPEG blocks and screens leave peaks that scenes do not have.

Peaks left by the up-sampling of generators: Zhang et al., Detecting and Simulating Artifacts in GAN Fake Images, WIFS
2019, arXiv:1907.06515. Power of the view at native resolution, mean removed, under a Hann window. A peak exceeds the
mean log power of the 31 x 31 bins around it by `least` dB: in pure noise a bin exceeds it by 16 dB once in 5 * 10^9.

Measured on images of one encoding (512 px, JPEG 95, 110 each): a peak at 2 px in 50 from Stable Diffusion and in no
photograph; other peaks in 6 and 16.
"""

from __future__ import annotations

import numpy as np

from cgid.imaging.display import PALETTES, colormap, normalise_percentiles
from cgid.inspector.channels import RGB, channel, residual
from cgid.inspector.filter import Choice, Filter, FilterResult, Slider
from cgid.inspector.overlays import find_peaks, local_excess, mark_peaks
from cgid.inspector.view import View

FINE = "fine residual"
FLOOR = 1e-4  # power, far below one grey level's rounding
MIN_SIDE = 16  # px a side
AS_IS, FLATTENED = "as it is", "average fall-off removed"
EXCLUDED_RADIUS = 6  # bins around the centre, where the scene itself is strongest


def power_spectrum(values: np.ndarray) -> np.ndarray:
    """float32 (h', w'), the mean in the centre: log power in dB; h', w' as `values` or a little more (zeros)."""
    from scipy.fft import next_fast_len, rfft2

    height, width = values.shape
    taper = [np.hanning(n + 1)[:n].astype(np.float32) for n in (height, width)]
    windowed = (values - values.mean(dtype=np.float64).astype(np.float32)) * taper[0][:, None] * taper[1][None, :]
    rows, columns = (next_fast_len(n + n % 2, real=True) for n in (height, width))
    columns += columns % 2
    half = rfft2(windowed, (rows, columns), workers=1)
    power = np.square(half.real) + np.square(half.imag)
    power *= np.float32(1 / max(float(np.square(taper[0]).sum() * np.square(taper[1]).sum()), 1e-12))
    log = 10 * np.log10(power + np.float32(FLOOR))
    left = np.roll(log[::-1, columns // 2 : 0 : -1], 1, axis=0)  # P(-y, -x) = P(y, x)
    return np.roll(np.hstack([left, log[:, : columns // 2]]), rows // 2, axis=0)


def radial_profile(plane: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(ring of each bin, mean dB of each ring); a ring is 1/200 cycle per px wide."""
    down, across = (np.fft.fftshift(np.fft.fftfreq(n)) for n in plane.shape)
    ring = np.sqrt((down[:, None] ** 2 + across[None, :] ** 2).astype(np.float32) * np.float32(200**2)).astype(np.uint8)
    count = np.bincount(ring.ravel())
    total = np.bincount(ring.ravel(), weights=plane.ravel())
    return ring, total / np.maximum(count, 1)


def _apply(view: View, shown: str, of: str, marks: int, least: float, colours: str) -> FilterResult:
    if min(view.luma.shape) < MIN_SIDE:
        return FilterResult(
            f"A view below {MIN_SIDE} px a side is too small for a spectrum.",
            np.zeros((MIN_SIDE, MIN_SIDE), np.uint8),
            aligned=False,
        )
    values = (
        view.cached(residual)
        if of == FINE
        else view.luma
        if of == "brightness"
        else channel(view, of).astype(np.float32)
    )
    plane = power_spectrum(values)
    ring, profile = radial_profile(plane)
    excess = local_excess(plane, cyclic=True)
    peaks = find_peaks(excess, least, EXCLUDED_RADIUS, marks, cyclic=True)
    tones = normalise_percentiles(plane - profile.astype(np.float32)[ring] if shown == FLATTENED else plane, 0.1)
    picture = tones if colours == "grey" else colormap(tones, colours)
    across = np.arange(101)
    columns = {"frequency": across / 200, "level": profile[: across.size]}
    return FilterResult(_describe(peaks, excess, least), mark_peaks(picture, peaks), columns, aligned=False)


def _describe(peaks: list[tuple[int, int]], excess: np.ndarray, least: float) -> str:
    if not peaks:
        return f"No peak stands {least:g} dB or more above its surroundings."
    rows, columns = excess.shape
    named = []
    for down, across in peaks[:4]:
        y, x = down / rows, across / columns
        height = excess[(rows // 2 + down) % rows, (columns // 2 + across) % columns]
        named.append(f"{1 / np.hypot(y, x):.2f} px {_direction(y, x)} (+{height:.0f} dB)")
    on_grid = sum(_on_block_grid(d / rows, a / columns, min(rows, columns)) for d, a in peaks)
    count = f"{len(peaks)} peak{'s' * (len(peaks) != 1)} stand{'s' * (len(peaks) == 1)} out, with a period of "
    grid = ""
    if on_grid:
        share = "it lies" if len(peaks) == 1 else f"{on_grid} of {len(peaks)} lie"
        grid = f"; {share} at a multiple of 1/8 along an axis, where JPEG's blocks and up-sampling leave peaks"
    return f"{count}{', '.join(named)}{' and more' * (len(peaks) > 4)}{grid}."


def _direction(y: float, x: float) -> str:
    angle = float(np.degrees(np.arctan2(abs(y), abs(x))))
    if angle < 2:
        return "across"
    return "down" if angle > 88 else f"slanting {'down' if y * x > 0 else 'up'} by {angle:.0f}°"


def _on_block_grid(y: float, x: float, side: int) -> bool:
    near = 1.5 / side
    return min(abs(y), abs(x)) < near and all(abs(v * 8 - round(v * 8)) < 8 * near for v in (y, x))


FILTER = Filter(
    name="spectrum",
    title="Spectrum with peaks",
    category="Frequencies",
    shows="The power of every spatial frequency: low ones in the centre, the finest at the border, horizontal to the right, "
    "vertical to the bottom. Isolated peaks are circled; the curve below is the mean over all directions.",
    read="A photo has a bright centre that fades evenly, with rays for straight edges. Isolated bright points mean a "
    "regular pattern: up-sampling by a generator or editor (2, 4 or 8 px), JPEG blocks (on the axes), a screen, "
    "a printed raster or fabric. A dark border means that the image was enlarged or denoised.",
    cannot="Many generators leave no peaks, strong compression removes them, and fences, fabric and bricks cause natural peaks.",
    apply=_apply,
    parameters=(
        Choice("shown", "Show", (AS_IS, FLATTENED), AS_IS),
        Choice("of", "Of", ("brightness", *RGB, FINE), "brightness"),
        Slider("marks", "Maximum number of peaks", 0, 40, 12, 1),
        Slider("least", "Minimum peak height", 10.0, 40.0, 16.0, 1.0, "dB"),
        Choice("colours", "Colours", ("grey", *PALETTES), "heat"),
    ),
    chart="radial_spectrum",
    cite="Zhang et al., WIFS 2019, arXiv:1907.06515",
)

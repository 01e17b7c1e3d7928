"""Noise separation: shows what a smoothing filter removes."""

from __future__ import annotations

import numpy as np

from cgid.inspector import starlet
from cgid.inspector.filter import Choice, Filter, FilterResult, Slider
from cgid.inspector.overlays import split_blocks
from cgid.inspector.view import View

CHANNELS = {"red": 0, "green": 1, "blue": 2}
PARTS = 4  # parts a side of the view that the finding compares
WAVELET_THRESHOLD = 3.0  # standard deviations of the noise


def smoothed(plane: np.ndarray, method: str, radius: int) -> np.ndarray:
    """float32 (h, w): the uint8 plane denoised by one of the methods. radius: px, 1..5."""
    import cv2

    side = 2 * radius + 1
    if method == "median":
        smooth = cv2.medianBlur(plane, side)
    elif method == "Gaussian":
        smooth = cv2.GaussianBlur(plane.astype(np.float32), (side, side), radius / 2, borderType=cv2.BORDER_REPLICATE)
    elif method == "bilateral":
        smooth = cv2.bilateralFilter(plane, side, 25, radius, borderType=cv2.BORDER_REPLICATE)
    else:
        details, rest = starlet.decompose(plane, min(radius, len(starlet.NOISE_GAINS)))
        noise = starlet.noise_level(details[0])
        for detail, share in zip(details, starlet.NOISE_GAINS):
            rest += starlet.threshold_layer(detail, WAVELET_THRESHOLD * noise * share, soft=False)
        smooth = rest
    return smooth.reshape(plane.shape).astype(np.float32)


def _apply(view: View, method: str, radius: int, channel: str, show: str, amplify: float) -> FilterResult:
    if channel == "colour":
        planes = [np.ascontiguousarray(view.rgb[..., k]) for k in range(3)]
    elif channel == "brightness":
        planes = [np.rint(view.luma).astype(np.uint8)]
    else:
        planes = [np.ascontiguousarray(view.rgb[..., CHANNELS[channel]])]
    noise, shown_planes = [], []
    for plane in planes:
        smooth = smoothed(plane, method, radius)
        residual = plane - smooth
        noise.append(residual)
        if show == "what is left":
            shown = smooth
        elif show == "strength":
            shown = np.abs(residual) * np.float32(amplify)
        else:
            shown = residual * np.float32(amplify) + np.float32(128)
        shown_planes.append(np.rint(shown).clip(0, 255).astype(np.uint8))
    picture = shown_planes[0] if len(shown_planes) == 1 else np.stack(shown_planes, axis=-1)
    return FilterResult(_finding(noise, method), picture)


def _finding(noise: list[np.ndarray], method: str) -> str:
    mean_square = sum(np.square(plane_noise) for plane_noise in noise) / np.float32(len(noise))
    whole = float(np.sqrt(mean_square.mean(dtype=np.float64)))
    text = f"What the {method} filter removes has a strength of {whole:.2f} levels (root mean square)"
    side = max(mean_square.shape) // PARTS
    if side < 8:
        return f"{text}."
    parts = np.sqrt(split_blocks(mean_square, side).mean(axis=-1))
    return f"{text}, {parts.min():.2f} in the quietest and {parts.max():.2f} in the noisiest part of the view."


FILTER = Filter(
    name="noise_separation",
    title="Noise separation",
    category="Noise",
    shows="What a smoothing filter removes from the image: noise and finest detail, amplified. Middle grey means "
    "that nothing was removed.",
    read="A photo has the same kind of noise everywhere, finer where it is bright. A part with coarser, finer or "
    "no noise, without a reason in the scene, was pasted, painted, smoothed or generated.",
    cannot="It also contains edges and texture: compare like with like, sky with sky. Denoising by phones and strong "
    "JPEG compression leave parts without noise in authentic images.",
    apply=_apply,
    parameters=(
        Choice("method", "Method", ("median", "Gaussian", "bilateral", "wavelet"), "median"),
        Slider("radius", "Radius", 1, 5, 1, 1, "px"),
        Choice("channel", "Channel", ("brightness", *CHANNELS, "colour"), "brightness"),
        Choice("show", "Show", ("noise", "strength", "what is left"), "noise"),
        Slider("amplify", "Amplification", 1.0, 50.0, 10.0, 1.0, "times"),
    ),
    cite="Starck, Fadili and Murtagh, IEEE TIP 2007; Tomasi and Manduchi, Bilateral filtering for gray and color images, "
    "ICCV 1998",
)

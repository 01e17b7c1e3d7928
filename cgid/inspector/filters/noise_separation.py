"""Takes the picture away from its noise: what a smoothing filter removes, made visible."""

from __future__ import annotations

import numpy as np

from cgid.inspector import starlet
from cgid.inspector.filter import Choice, Drawn, Filter, Slider
from cgid.inspector.overlays import in_blocks
from cgid.inspector.view import View

CHANNELS = {"red": 0, "green": 1, "blue": 2}
PARTS = 4  # a side: the finding compares so many parts of the view
WAVELET_THRESHOLD = 3.0  # standard deviations of the noise


def smoothed(plane: np.ndarray, method: str, radius: int) -> np.ndarray:
    """float32 (h, w): the uint8 plane without its noise, as one of the methods sees it. radius: px, 1..5."""
    import cv2

    side = 2 * radius + 1
    if method == "median":
        found = cv2.medianBlur(plane, side)
    elif method == "Gaussian":
        found = cv2.GaussianBlur(plane.astype(np.float32), (side, side), radius / 2, borderType=cv2.BORDER_REPLICATE)
    elif method == "bilateral":
        found = cv2.bilateralFilter(plane, side, 25, radius, borderType=cv2.BORDER_REPLICATE)
    else:
        details, rest = starlet.layers(plane, min(radius, len(starlet.OF_NOISE)))
        noise = starlet.noise_of(details[0])
        for detail, share in zip(details, starlet.OF_NOISE):
            rest += starlet.thresholded(detail, WAVELET_THRESHOLD * noise * share, soft=False)
        found = rest
    return found.reshape(plane.shape).astype(np.float32)


def _draw(view: View, method: str, radius: int, channel: str, show: str, amplify: float) -> Drawn:
    if channel == "colour":
        planes = [np.ascontiguousarray(view.rgb[..., k]) for k in range(3)]
    elif channel == "brightness":
        planes = [np.rint(view.luma).astype(np.uint8)]
    else:
        planes = [np.ascontiguousarray(view.rgb[..., CHANNELS[channel]])]
    noise, drawn = [], []
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
        drawn.append(np.rint(shown).clip(0, 255).astype(np.uint8))
    picture = drawn[0] if len(drawn) == 1 else np.stack(drawn, axis=-1)
    return Drawn(_finding(noise, method), picture)


def _finding(noise: list[np.ndarray], method: str) -> str:
    squares = sum(np.square(each) for each in noise) / np.float32(len(noise))
    whole = float(np.sqrt(squares.mean(dtype=np.float64)))
    said = f"What the {method} filter removes has a strength of {whole:.2f} levels (root mean square)"
    side = max(squares.shape) // PARTS
    if side < 8:
        return f"{said}."
    parts = np.sqrt(in_blocks(squares, side).mean(axis=-1))
    return f"{said}, {parts.min():.2f} in the quietest and {parts.max():.2f} in the noisiest part of the view."


FILTER = Filter(
    name="noise_separation",
    title="Noise separation",
    shelf="Noise",
    shows="What a smoothing filter takes out of the picture: its noise and finest detail, amplified. Middle grey means "
    "that nothing was taken.",
    read="One camera picture has one kind of grain everywhere, finer where it is bright. A part with coarser, finer or "
    "no grain, without a reason in the scene, was pasted, painted, smoothed or generated.",
    cannot="Edges and texture are in it too: compare like with like, sky with sky. A phone's own denoising and strong "
    "JPEG compression leave parts without grain in honest pictures.",
    draw=_draw,
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

"""The fine residual of a view: what a 3 x 3 median leaves out, in which noise, grids and copies show, not the scene."""

from __future__ import annotations

import numpy as np

from cgid.bench.channels import brightness
from cgid.bench.view import View

LIMIT = 10.0  # levels: beyond it lie edges of the scene, which would drown all else


def residual(view: View) -> np.ndarray:
    """float32 (h, w): brightness less its 3 x 3 median, cut at LIMIT on both sides."""
    import cv2

    gray = view.once(brightness)
    return (gray.astype(np.float32) - cv2.medianBlur(gray, 3)).clip(-LIMIT, LIMIT)

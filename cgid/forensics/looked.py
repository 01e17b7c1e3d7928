"""The map of where the promoted Model A looked, among the maps of a checked image."""

from __future__ import annotations

from functools import partial

import numpy as np

from cgid.features.group import Map
from cgid.features.image import ImageFile
from cgid.forensics.models import Models, current_models
from cgid.models.occlusion import occlusion
from cgid.models.occlusion_overlay import CAUTION, LEGEND, closer, overlay
from cgid.models.onnx_model import OnnxModel

KEY = "model_a.looked"
TITLE = "Model A: where it looked"


def looked(models: Models | None = None) -> dict[str, Map]:
    """{KEY: map} by the network of `models`, by default that which answers checks now; {} where there is none."""
    network = (models or current_models()).network
    return {} if network is None else {KEY: Map("looked", TITLE, partial(_draw, network), LEGEND, CAUTION)}


def _draw(network: OnnxModel, image: ImageFile) -> np.ndarray:
    return overlay(*closer(image.rgb, occlusion(network, image.rgb)))

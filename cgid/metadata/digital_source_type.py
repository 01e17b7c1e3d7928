"""IPTC digital source types: AI-generated, partly AI, created by other software, or captured from life.

Source: IPTC NewsCodes, https://cv.iptc.org/newscodes/digitalsourcetype/; C2PA adds `trainedAlgorithmicData`.
"""

from __future__ import annotations

MAX_CHARS = 300  # characters; a file may hold arbitrarily long values
SOURCE_TYPES = {
    "trainedAlgorithmicMedia": "ai",
    "trainedAlgorithmicData": "ai",
    "compositeWithTrainedAlgorithmicMedia": "partly_ai",
    "compositeSynthetic": "partly_ai",
}
# Created by software without a trained model: neither photograph nor AI.
SOFTWARE_TYPES = frozenset(
    ("algorithmicMedia", "dataDrivenMedia", "digitalArt", "digitalCreation", "softwareImage", "virtualRecording")
)
CAPTURE_TYPES = frozenset(
    ("digitalCapture", "computationalCapture", "compositeCapture", "negativeFilm", "positiveFilm", "print")
)


def source_type(value: str) -> str:
    """The code at the end of a digital source type, given as an identifier or a bare code."""
    return value[-MAX_CHARS:].strip().rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1]

"""What an IPTC digital source type declares: made by AI, AI in parts, made by other software, or captured from life.

Source: IPTC NewsCodes, https://cv.iptc.org/newscodes/digitalsourcetype/; C2PA adds `trainedAlgorithmicData`.
"""

from __future__ import annotations

LONGEST = 300  # characters; a file may state any number of them
SOURCE_TYPES = {
    "trainedAlgorithmicMedia": "ai",
    "trainedAlgorithmicData": "ai",
    "compositeWithTrainedAlgorithmicMedia": "partly_ai",
    "compositeSynthetic": "partly_ai",
}
# Drawn or computed without a trained model: no photograph, and no AI either.
SOFTWARE_TYPES = frozenset(
    ("algorithmicMedia", "dataDrivenMedia", "digitalArt", "digitalCreation", "softwareImage", "virtualRecording")
)
CAPTURE_TYPES = frozenset(
    ("digitalCapture", "computationalCapture", "compositeCapture", "negativeFilm", "positiveFilm", "print")
)


def source_type(value: str) -> str:
    """The code at the end of a digital source type, given as identifier or bare code; of a long text, its end."""
    return value[-LONGEST:].strip().rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1]

"""Parameters of the treatment of a data set against what its file formats give away."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cgid.params import arg

TREATMENTS = {
    "ai-jpeg": "(b) the AI images alone are saved as JPEG",
    "both-jpeg": "(c) the images of both classes are saved as JPEG",
    "matched": "(d) both classes are cropped and saved alike, in qualities as the real photos have them",
}


@dataclass(frozen=True)
class TreatParams:
    manifest: Path = arg(help="manifest of the images (CSV), cleaned and split; the images are only read")
    output_dir: Path = arg(
        help="folder that receives images/, manifest.csv (and train.csv, val.csv, … as it was split), treatment.json, "
        "treatment_images.csv, dropped.csv"
    )
    treatment: str = arg(
        "matched",
        help="; ".join(f"{name} = {words}" for name, words in TREATMENTS.items()),
        choices=tuple(TREATMENTS),
    )
    quality: int = arg(96, help="JPEG quality, 1 to 100, of ai-jpeg and both-jpeg; matched draws its own")
    size: int = arg(
        0,
        help="side of the square that matched cuts out, in pixels, a multiple of 8; 0 = the largest that nine of ten "
        "images of either class hold with 7 pixels to move; smaller images are dropped and listed",
    )
    pad: bool = arg(
        True,
        help="matched: bring every file to the size of the largest with fill bytes, which change no pixel, so that the "
        "size in bytes says nothing",
    )
    seed: int = arg(2026, help="random seed: the same seed and images give the same files")
    workers: int = arg(0, help="processes; 0 = all processors")

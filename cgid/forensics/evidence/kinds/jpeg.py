"""Evidence: how a JPEG was encoded, and the traces of earlier JPEG compression."""

from __future__ import annotations

from collections.abc import Mapping

from cgid.features.groups.jpeg_structure import CONTRADICTIONS, find_contradictions
from cgid.fileformat.jpeg import JpegFile
from cgid.forensics.evidence.evidence import Evidence, Kind, Material

# Standard errors from which jpeg_history reports an earlier quality; score from which jpeg_structure reports a second compression.
MIN_HISTORY_EVIDENCE, DOUBLE_COMPRESSION_THRESHOLD = 7.0, 0.5
MIN_GHOST_FRACTION = 0.02  # of tiles; below it the ghost is not localised
_HISTORY_LIMITATIONS = (
    "Every upload, message and export recompresses. This is evidence of a compression history, not of the origin; "
    "generated images can have one too."
)


def find(material: Material) -> list[Evidence]:
    values = material.check.get("features") or {}
    evidence = _history(values, material.image.format)
    if material.image.format == "JPEG":
        jpeg = material.image.jpeg
        evidence += _tables(values, jpeg)
        evidence += _contradictions(find_contradictions(material.image, jpeg))
    return evidence


def _tables(values: Mapping[str, float | None], jpeg: JpegFile) -> list[Evidence]:
    quality = values.get("jpeg_quality_estimate")
    if quality is None:
        return []
    encoder, about = _encoder(values), "" if values.get("jpeg_ijg_tables") else "about "
    colour = {"grey": "greyscale"}.get(jpeg.subsampling, f"colour {jpeg.subsampling}")
    rows = (
        ("Quality", f"{about}{quality:.0f} of 100, from the luminance table"),
        ("Tables", encoder),
        ("Colour", jpeg.subsampling),
        ("Scans", "progressive" if jpeg.progressive else "baseline"),
        ("Photoshop segment", "yes" if values.get("jpeg_photoshop") else "no"),
    )
    return [
        Evidence(
            key="jpeg.tables",
            title="JPEG encoding",
            sentence=f"It was saved as JPEG at quality {about}{quality:.0f}, {colour}, with {encoder}.",
            strength=0.05,
            points_to="neither",
            limitations="Recompression replaces the tables: they identify the last program, not the first.",
            number=f"quality {quality:.0f}",
            feature="jpeg_quality_estimate",
            rows=rows,
            source="ITU-T T.81, annex K; scaling of the Independent JPEG Group's libjpeg.",
        )
    ]


def _encoder(values: Mapping[str, float | None]) -> str:
    if values.get("jpeg_ijg_tables"):
        return "the reference encoder's tables (libjpeg), as most programs and websites use"
    if values.get("jpeg_mozjpeg_tables"):
        return "mozjpeg's tables, as many websites use"
    return "custom tables, as cameras and Photoshop use"


def _history(values: Mapping[str, float | None], format: str) -> list[Evidence]:
    earlier, z_score = values.get("jpeg_former_quality"), values.get("jpeg_former_evidence")
    double = values.get("jpeg_double_compression")
    detected, doubled = (
        earlier is not None and (z_score or 0) >= MIN_HISTORY_EVIDENCE,
        (double or 0) > DOUBLE_COMPRESSION_THRESHOLD,
    )
    if not detected and not doubled:
        return []
    quality, rows = "", []
    if detected:
        quality = f"at quality about {earlier:.0f} "
        rows = [
            ("Earlier quality", f"{earlier:.0f}"),
            ("Evidence", f"{z_score:.1f} standard errors; reported from {MIN_HISTORY_EVIDENCE:.0f}"),
        ]
    ended = "and was recompressed" if format == "JPEG" else f"before it was saved as {format}"
    rows += (
        [("Double compression", f"{double:.2f}; about 0.2 for one, above {DOUBLE_COMPRESSION_THRESHOLD} for two")]
        if double
        else []
    )
    fraction = values.get("jpeg_ghost_share") if detected else None
    rows += [("Percent of the image", f"{100 * fraction:.0f} %")] if fraction and fraction >= MIN_GHOST_FRACTION else []
    return [
        Evidence(
            key="jpeg.history",
            title="Recompressed (saved more than once)",
            sentence=f"The image was a JPEG {quality}{ended}.",
            strength=0.15,
            points_to="neither",
            limitations=_HISTORY_LIMITATIONS,
            number=f"quality {earlier:.0f} before" if detected else f"score {double:.2f}",
            feature="jpeg_former_evidence" if detected else "jpeg_double_compression",
            maps=("jpeg_history.ghost",),
            rows=tuple(rows),
            source="Farid, IEEE TIFS 2009; Lukáš and Fridrich, DFRWS 2003.",
        )
    ]


def _contradictions(names: list[str]) -> list[Evidence]:
    names = [name for name in names if not name.startswith("EXIF")]  # reported by the metadata inconsistencies
    if not names:
        return []
    return [
        Evidence(
            key="jpeg.contradictions",
            title="The file contradicts itself",
            sentence=f"The JPEG contradicts itself: {'; '.join(names)}.",
            strength=0.1,
            points_to="neither",
            limitations="Interrupted downloads lose the end of the file, and some cameras write tables that they do not use.",
            number=f"{len(names)} of {len(CONTRADICTIONS)}",
            feature="jpeg_inconsistency_score",
            rows=tuple(("Contradiction", name) for name in names),
        )
    ]


KIND = Kind("jpeg", find)

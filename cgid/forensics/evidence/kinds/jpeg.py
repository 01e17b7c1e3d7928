"""Evidence: how a JPEG was written, and the earlier compressions its values remember."""

from __future__ import annotations

from collections.abc import Mapping

from cgid.features.groups.jpeg_structure import CONTRADICTIONS, contradictions_of
from cgid.fileformat.jpeg import JpegFile
from cgid.forensics.evidence.evidence import Evidence, Kind, Material

# From here on jpeg_history takes a former quality as seen, and jpeg_structure a second compression.
SEEN, TWICE = 7.0, 0.5
LEAST_SHARE = 0.02  # of tiles; under it the ghost shows nowhere in particular
_SAVED_AGAIN = (
    "Every upload, message and export saves again. This tells of a history, not of who made the picture, and a "
    "generator's picture can have one too."
)


def find(material: Material) -> list[Evidence]:
    values = material.found.get("features") or {}
    pieces = _history(values, material.image.format)
    if material.image.format == "JPEG":
        jpeg = material.image.jpeg
        pieces += _tables(values, jpeg)
        pieces += _contradictions(contradictions_of(material.image, jpeg))
    return pieces


def _tables(values: Mapping[str, float | None], jpeg: JpegFile) -> list[Evidence]:
    quality = values.get("jpeg_quality_estimate")
    if quality is None:
        return []
    encoder, about = _encoder(values), "" if values.get("jpeg_ijg_tables") else "about "
    colour = {"grey": "without colour"}.get(jpeg.subsampling, f"colour {jpeg.subsampling}")
    rows = (
        ("Quality", f"{about}{quality:.0f} of 100, by the brightness table"),
        ("Tables", encoder),
        ("Colour", jpeg.subsampling),
        ("Scans", "progressive" if jpeg.progressive else "baseline"),
        ("Photoshop's own segment", "yes" if values.get("jpeg_photoshop") else "no"),
    )
    return [
        Evidence(
            key="jpeg.tables",
            title="How the JPEG was written",
            sentence=f"It was saved as JPEG at quality {about}{quality:.0f}, {colour}, with {encoder}.",
            strength=0.05,
            points_to="neither",
            fooled_by="Saving again replaces the tables: they tell of the last program, not of the first.",
            number=f"quality {quality:.0f}",
            feature="jpeg_quality_estimate",
            rows=rows,
            source="ITU-T T.81, annex K; scaling of the Independent JPEG Group's libjpeg.",
        )
    ]


def _encoder(values: Mapping[str, float | None]) -> str:
    if values.get("jpeg_ijg_tables"):
        return "the reference encoder's tables (libjpeg), as most programs and websites write"
    if values.get("jpeg_mozjpeg_tables"):
        return "mozjpeg's tables, as many websites write"
    return "tables of its own, as cameras and Photoshop write"


def _history(values: Mapping[str, float | None], format: str) -> list[Evidence]:
    former, clear = values.get("jpeg_former_quality"), values.get("jpeg_former_evidence")
    double = values.get("jpeg_double_compression")
    seen, twice = former is not None and (clear or 0) >= SEEN, (double or 0) > TWICE
    if not seen and not twice:
        return []
    once, rows = "", []
    if seen:
        once = f"at quality about {former:.0f} "
        rows = [
            ("Former quality", f"{former:.0f}"),
            ("Evidence", f"{clear:.1f} standard errors; seen from {SEEN:.0f}"),
        ]
    ended = "and was saved again" if format == "JPEG" else f"before it became a {format}"
    rows += [("Double compression", f"{double:.2f}; about 0.2 for one, above {TWICE} for two")] if double else []
    share = values.get("jpeg_ghost_share") if seen else None
    rows += [("Share of the picture", f"{100 * share:.0f} %")] if share and share >= LEAST_SHARE else []
    return [
        Evidence(
            key="jpeg.history",
            title="Saved more than once",
            sentence=f"The picture was a JPEG {once}{ended}.",
            strength=0.15,
            points_to="neither",
            fooled_by=_SAVED_AGAIN,
            number=f"quality {former:.0f} before" if seen else f"score {double:.2f}",
            feature="jpeg_former_evidence" if seen else "jpeg_double_compression",
            maps=("jpeg_history.ghost",),
            rows=tuple(rows),
            source="Farid, IEEE TIFS 2009; Lukáš and Fridrich, DFRWS 2003.",
        )
    ]


def _contradictions(names: list[str]) -> list[Evidence]:
    names = [name for name in names if not name.startswith("EXIF")]  # the metadata's oddities tell that
    if not names:
        return []
    return [
        Evidence(
            key="jpeg.contradictions",
            title="The file contradicts itself",
            sentence=f"The JPEG contradicts itself: {'; '.join(names)}.",
            strength=0.1,
            points_to="neither",
            fooled_by="Broken downloads lose the end, and some cameras write tables that they do not use.",
            number=f"{len(names)} of {len(CONTRADICTIONS)}",
            feature="jpeg_inconsistency_score",
            rows=tuple(("Contradiction", name) for name in names),
        )
    ]


KIND = Kind("jpeg", find)

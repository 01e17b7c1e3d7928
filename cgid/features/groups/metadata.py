"""Metadata: camera, exposure, location, dates, software, and marks of image generators."""

from __future__ import annotations

import math

from cgid.features.group import Feature, FeatureGroup
from cgid.imaging.image_file import ImageFile
from cgid.metadata import exif, exif_checks, generators, thumbnail
from cgid.metadata.exif_checks import EDITORS, Metadata, findings

_EXPOSURE = ("ExposureTime", "FNumber", "ISOSpeedRatings", "FocalLength")
_DECLARED = ("source_type", "label")  # standardised declarations, as opposed to data that generators write by habit
_LENS = ("LensModel", "LensMake", "LensSpecification")


def compute(image: ImageFile) -> dict[str, float]:
    m = image.cached(Metadata)
    held = findings(m)
    return {
        **_exif(image, m),
        "software_present": float(bool(m.software)),
        "editor_software": float(bool(EDITORS.search(m.software))),
        "xmp_present": float(m.xmp.present),
        "xmp_bytes": float(m.xmp.size),
        "xmp_broken": float(m.xmp.broken),
        "xmp_history_count": float(m.xmp.history),
        "xmp_capture_type": float(generators.declares_capture(m.xmp)),
        "xmp_software_type": float(generators.declares_software(m.xmp)),
        "iptc_present": float(any(t.place == "IPTC" for t in m.texts)),
        "text_count": float(len(m.texts)),
        "text_length": float(sum(len(t.text) for t in m.texts)),
        "generator_trace_count": float(len(m.marks)),
        "generator_trace": float(any(t.declares == "ai" and t.code not in _DECLARED for t in m.marks)),
        "source_type_ai": float(any(t.declares == "ai" and t.code in _DECLARED for t in m.marks)),
        "source_type_partly_ai": float(any(t.declares == "partly_ai" for t in m.marks)),
        "anomaly_score": 1.0 - math.prod(1 - f.weight for f in held),
        "findings_count": float(len(held)),
    }


def _exif(image: ImageFile, m: Metadata) -> dict[str, float]:
    make, model = m.camera
    order = ("DateTimeOriginal", "DateTimeDigitized", "DateTime")
    dates = [m.dates[k] for k in order if k in m.dates]
    return {
        "exif_present": float(bool(m.tags)),
        "exif_tag_count": float(len(m.tags)),
        "exif_broken": float(m.exif_broken),
        "make_present": float(bool(make)),
        "model_present": float(bool(model)),
        "make_model_consistent": _consistent(make, model),
        "lens_present": float(any(m.has(k) for k in _LENS)),
        "exposure_count": float(sum(exif.to_number(m.tags.get(k)) is not None for k in _EXPOSURE)),
        "exposure_apex_gap": exif.apex_gap(m.tags),
        "flash_known": float(m.has("Flash")),
        "maker_note": float(m.has("MakerNote")),
        "gps_present": float(bool(m.gps)),
        "gps_possible": float(m.position is not None) if m.gps else math.nan,
        "size_consistent": math.nan if m.size_matches is None else float(m.size_matches),
        "dates_count": float(len(dates)),
        "dates_consistent": float(dates == sorted(dates)) if len(dates) > 1 else math.nan,
        "orientation": float(image.orientation),
        "thumbnail_present": float(bool(thumbnail.exif_thumbnail(image))),
        "thumbnail_likeness": m.thumbnail_similarity,
    }


def _consistent(make: str, model: str) -> float:
    if not make and not model:
        return math.nan
    return float(bool(make and model) and not exif_checks.make_contradicts_model(make, model))


GROUP = FeatureGroup(
    key="metadata",
    title="Metadata",
    family="provenance",
    prefix="metadata",
    version=2,
    meaning="Metadata in the proper fields of the container.",
    cite="CIPA DC-008 (EXIF 2.32), ISO 16684-1 (XMP), IPTC-NAA IIM 4.2, IPTC digital source types; thumbnails: Kee and Farid, 2010.",
    weakness="Easily removed or forged. Missing EXIF separates most public collections and proves nothing about an image.",
    not_applicable="Only single values: consistency without anything to compare, similarity without a thumbnail.",
    compute=compute,
    features=(
        Feature("exif_present", "EXIF", "The file carries EXIF.", "0/1"),
        Feature("exif_tag_count", "EXIF tags", "Tags in the main and the Exif block.", "count"),
        Feature("exif_broken", "EXIF broken", "There is an EXIF block, but nothing can be read from it.", "0/1"),
        Feature("make_present", "Camera make", "A camera make is named.", "0/1"),
        Feature("model_present", "Camera model", "A camera model is named.", "0/1"),
        Feature(
            "make_model_consistent",
            "Make and model consistent",
            "Make and model are both named and do not contradict each other; missing if neither is named.",
            "0/1",
        ),
        Feature("lens_present", "Lens", "A lens is named.", "0/1"),
        Feature(
            "exposure_count",
            "Exposure",
            "Number of exposure time, aperture, sensitivity and focal length that are given.",
            "0..4",
        ),
        Feature(
            "exposure_apex_gap",
            "Exposure consistency",
            "Difference in stops between the two EXIF encodings of time and aperture; missing if only one is given.",
            "stops",
        ),
        Feature("flash_known", "Flash", "EXIF states whether the flash fired.", "0/1"),
        Feature("maker_note", "Maker note", "A camera maker's private block is present.", "0/1"),
        Feature("gps_present", "GPS", "Latitude and longitude are given.", "0/1"),
        Feature("gps_possible", "Valid location", "The coordinates are valid; missing if none are given.", "0/1"),
        Feature(
            "size_consistent",
            "Size consistent",
            "EXIF gives the actual image size; missing if it gives none.",
            "0/1",
        ),
        Feature("dates_count", "Dates", "Readable EXIF dates, at most 3.", "count"),
        Feature(
            "dates_consistent",
            "Date order",
            "Taken, digitised and changed in this order; missing with fewer than two.",
            "0/1",
        ),
        Feature("orientation", "Orientation", "EXIF orientation; 1 if not given.", "1..8"),
        Feature("thumbnail_present", "Thumbnail", "An EXIF thumbnail is embedded.", "0/1"),
        Feature("thumbnail_likeness", "Thumbnail similarity", "Correlation of the thumbnail with the image.", "-1..1"),
        Feature("software_present", "Software", "Some software is named.", "0/1"),
        Feature("editor_software", "Editor", "The software named is an image editor.", "0/1"),
        Feature("xmp_present", "XMP", "An XMP packet is present.", "0/1"),
        Feature("xmp_bytes", "XMP size", "Bytes of the XMP packet.", "bytes"),
        Feature("xmp_broken", "XMP broken", "The packet is malformed, hostile or over 2 MiB.", "0/1"),
        Feature("xmp_history_count", "Edit history", "Editing steps that XMP records.", "count"),
        Feature(
            "xmp_capture_type", "Declared capture", "XMP states that a camera or scanner captured the image.", "0/1"
        ),
        Feature(
            "xmp_software_type",
            "Declared software",
            "XMP states that software created the image, without trained AI.",
            "0/1",
        ),
        Feature("iptc_present", "IPTC", "An IPTC record is present.", "0/1"),
        Feature("text_count", "Text fields", "Text fields other than XMP.", "count"),
        Feature("text_length", "Text length", "Characters in these text fields.", "characters"),
        Feature("generator_trace_count", "Generator marks", "Statements by or about an image generator.", "count"),
        Feature("generator_trace", "Generator mark", "A generator's own fields or name are in the file.", "0/1"),
        Feature(
            "source_type_ai",
            "Declared AI",
            "A standardised field (IPTC source type, AI label) declares AI.",
            "0/1",
        ),
        Feature("source_type_partly_ai", "Declared partly AI", "The metadata declare that AI made parts of it.", "0/1"),
        Feature("anomaly_score", "Metadata anomaly", "1 - product of (1 - weight) over the findings.", "0..1"),
        Feature("findings_count", "Findings", "Number of metadata rules that fire.", "count"),
    ),
)

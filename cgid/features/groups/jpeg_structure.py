"""JPEG encoding: tables, sampling, scans and segments, and their consistency."""

from __future__ import annotations

import math

from cgid.features.group import Feature, FeatureGroup
from cgid.features.signals import dct_histogram, double_quantisation
from cgid.fileformat import quantisation_tables
from cgid.fileformat.jpeg import JpegFile
from cgid.imaging.image_file import ImageFile

# Number of codes of each length in the tables of T.81 annex K.3; an optimised table hardly ever repeats them.
_DEFAULT_COUNTS = {
    bytes((0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0)),
    bytes((0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0)),
    bytes((0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125)),
    bytes((0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119)),
}
_CHROMA_FRACTION = {"4:4:4": 1.0, "4:2:2": 0.5, "4:4:0": 0.5, "4:2:0": 0.25, "4:1:1": 0.25, "grey": 0.0}


def compute(image: ImageFile) -> dict[str, float]:
    if image.format != "JPEG":
        return {f.name: math.nan for f in GROUP.features}
    jpeg = image.jpeg
    values = _encoding(jpeg) | _tables(jpeg)
    values["inconsistency_score"] = len(find_contradictions(image, jpeg)) / len(CONTRADICTIONS)
    double = (
        double_quantisation.score(image.cached(dct_histogram.level_counts))
        if min(image.stored.shape[:2]) >= 8
        else math.nan
    )
    # A single compression scores about 0.2; only values above 0.4 add to the anomaly score.
    anomalies = (values["qtable_anomaly_score"], values["inconsistency_score"], (double - 0.4) / 0.6)
    remainders = [1 - min(max(v, 0.0), 1.0) for v in anomalies if not math.isnan(v)]
    return values | {"double_compression": double, "combined_anomaly_score": 1 - math.prod(remainders)}


def _encoding(jpeg: JpegFile) -> dict[str, float]:
    adobe = next((p for p in jpeg.payloads(0xEE, b"Adobe")), b"")
    applications = [s for s in jpeg.segments if 0xE0 <= s.marker <= 0xEF]
    first_scan = next((s.at for s in jpeg.segments if s.marker == 0xDA), jpeg.end)
    factors = [c.horizontal * c.vertical for c in jpeg.components]
    return {
        "structure_valid": float(jpeg.has_end and not jpeg.problem and bool(jpeg.components and jpeg.scans)),
        "progressive": float(jpeg.progressive),
        "arithmetic": float(jpeg.arithmetic),
        "chroma_share": _CHROMA_FRACTION.get(jpeg.subsampling, math.nan),
        "luma_factors": float(factors[0]) if factors else math.nan,
        "precision": float(jpeg.precision) if jpeg.frame else math.nan,
        "restart_interval": float(jpeg.restart_interval),
        "scan_count": float(len(jpeg.scans)),
        "segment_count": float(len(jpeg.segments)),
        "app_count": float(len(applications)),
        "comment_count": float(len(jpeg.payloads(0xFE))),
        "jfif": float(bool(jpeg.payloads(0xE0, b"JFIF\0"))),
        "adobe": float(bool(adobe)),
        "photoshop": float(bool(jpeg.payloads(0xED, b"Photoshop 3.0")) or bool(jpeg.payloads(0xEC, b"Ducky"))),
        "multi_picture": float(bool(jpeg.payloads(0xE2, b"MPF\0"))),
        "header_bytes": float(first_scan),
        "huffman_count": float(len(jpeg.huffman)),
        "huffman_default": float(all(t[:16] in _DEFAULT_COUNTS for _, _, t in jpeg.huffman))
        if jpeg.huffman
        else math.nan,
    }


def _tables(jpeg: JpegFile) -> dict[str, float]:
    names = (
        "quality_estimate",
        "quality_distance",
        "quality_chroma",
        "chroma_distance",
        "chroma_consistency",
        "ijg_tables",
        "mozjpeg_tables",
        "luma_step_mean",
        "luma_step_first",
    )
    values = {
        **dict.fromkeys(names, math.nan),
        "qtable_anomaly_score": math.nan,
        "table_count": float(len(jpeg.tables)),
    }
    luma = jpeg.luma_table
    if luma is None:
        return values
    quality, distance = quantisation_tables.nearest_quality(luma)
    relative = [quantisation_tables.relative_distance(luma, quality)]
    values |= {"quality_estimate": float(quality), "quality_distance": distance, "ijg_tables": float(distance == 0)}
    values["luma_step_mean"], values["luma_step_first"] = sum(luma) / 64, float(luma[0])
    number = jpeg.components[1].table if len(jpeg.components) > 1 else None
    chroma = jpeg.tables.get(number) if number is not None else None
    if chroma is not None and number != jpeg.components[0].table:
        of_chroma, chroma_distance = quantisation_tables.nearest_quality(chroma, "chroma")
        relative.append(quantisation_tables.relative_distance(chroma, of_chroma, "chroma"))
        values |= {"quality_chroma": float(of_chroma), "chroma_distance": chroma_distance}
        values["chroma_consistency"] = float(abs(quality - of_chroma))
        values["ijg_tables"] = float(distance == 0 and chroma_distance == 0 and quality == of_chroma)
    known = quantisation_tables.is_mozjpeg(luma, chroma if number != jpeg.components[0].table else None)
    values["mozjpeg_tables"] = float(known)
    values["qtable_anomaly_score"] = 0.0 if known else min(1.0, 2 * max(relative))
    return values


def find_contradictions(image: ImageFile, jpeg: JpegFile) -> list[str]:
    """Names of the CONTRADICTIONS found in the file."""
    return [name for name, holds in CONTRADICTIONS.items() if holds(image, jpeg)]


def _exif_size_differs(image: ImageFile, jpeg: JpegFile) -> bool:
    from cgid.metadata.exif import tags

    stated = (tags(image).get("ExifImageWidth"), tags(image).get("ExifImageHeight"))
    sides = [v for v in stated if isinstance(v, int) and v > 0]
    if len(sides) < len(stated):
        return False
    return sorted(sides) != sorted((jpeg.width, jpeg.height))


def _colours_differ(image: ImageFile, jpeg: JpegFile) -> bool:
    adobe = next((p for p in jpeg.payloads(0xEE, b"Adobe") if len(p) >= 12), None)
    return adobe is not None and adobe[11] == 0 and len(jpeg.components) == 3 and bool(jpeg.payloads(0xE0, b"JFIF\0"))


CONTRADICTIONS = {
    "no end marker": lambda image, jpeg: not jpeg.has_end,
    "EXIF gives another size": _exif_size_differs,
    "JFIF and Adobe segments disagree about colours": _colours_differ,
    "two JFIF segments": lambda image, jpeg: len(jpeg.payloads(0xE0, b"JFIF\0")) > 1,
    "unused quantisation tables": lambda image, jpeg: bool(set(jpeg.tables) - {c.table for c in jpeg.components}),
    "16-bit tables in a baseline file": lambda image, jpeg: jpeg.frame == 0xC0 and 16 in jpeg.table_bits.values(),
}

GROUP = FeatureGroup(
    key="jpeg_structure",
    title="JPEG structure",
    family="container",
    prefix="jpeg",
    version=3,
    meaning="How the JPEG was encoded. Missing, not 0, for other formats.",
    cite="ITU-T T.81 (1992), annexes B and K; quality scaling: the Independent JPEG Group's libjpeg; mozjpeg; double "
    "quantisation: Lukáš and Fridrich, DFRWS 2003.",
    not_applicable="Formats other than JPEG; tables and chroma if the file has none.",
    weakness="Distinguishes encoders, not cameras from generators: recompression changes all values.",
    compute=compute,
    features=(
        Feature("structure_valid", "Structure valid", "Segments, frame, scans and end marker are all in place.", "0/1"),
        Feature("progressive", "Progressive", "Encoded in progressive scans.", "0/1"),
        Feature("arithmetic", "Arithmetic", "Coded arithmetically instead of by Huffman tables.", "0/1"),
        Feature(
            "chroma_share",
            "Chroma sampling",
            "Chroma samples per luma sample: 1 = 4:4:4, 0.25 = 4:2:0, 0 = grey.",
            "share 0..1",
        ),
        Feature("luma_factors", "Luma factors", "Product of luma's sampling factors.", "count"),
        Feature("precision", "Precision", "Bits per sample in the frame header.", "bits"),
        Feature("restart_interval", "Restart interval", "Blocks between restart markers; 0 = none.", "blocks"),
        Feature("scan_count", "Scans", "Number of scans.", "count"),
        Feature("segment_count", "Segments", "Number of segments with a length.", "count"),
        Feature("app_count", "Application segments", "Number of APPn segments.", "count"),
        Feature("comment_count", "Comments", "Number of comment segments.", "count"),
        Feature("jfif", "JFIF", "A JFIF segment is present.", "0/1"),
        Feature("adobe", "Adobe segment", "An Adobe colour segment is present.", "0/1"),
        Feature("photoshop", "Photoshop segment", "A Photoshop or Ducky segment is present.", "0/1"),
        Feature("multi_picture", "Multi-picture", "The file declares further images, as phones write.", "0/1"),
        Feature("header_bytes", "Header size", "Bytes before the first scan.", "bytes"),
        Feature("huffman_count", "Huffman tables", "Number of Huffman tables defined.", "count"),
        Feature(
            "huffman_default",
            "Default Huffman",
            "All Huffman tables are the standard's examples, not optimised.",
            "0/1",
        ),
        Feature("table_count", "Quantisation tables", "Number of quantisation tables.", "count"),
        Feature("quality_estimate", "Quality", "Nearest quality of the reference encoder by the luma table.", "1..100"),
        Feature(
            "quality_distance",
            "Distance to it",
            "Mean squared difference of the luma table from that quality's.",
            "steps²",
        ),
        Feature("quality_chroma", "Chroma quality", "Nearest quality by the chroma table.", "1..100"),
        Feature(
            "chroma_distance",
            "Chroma distance",
            "Mean squared difference of the chroma table from that quality's.",
            "steps²",
        ),
        Feature("chroma_consistency", "Luma against chroma", "Difference of the two qualities.", "quality"),
        Feature(
            "ijg_tables", "Reference tables", "Both tables are exactly the reference encoder's, of one quality.", "0/1"
        ),
        Feature(
            "mozjpeg_tables", "mozjpeg tables", "The tables are exactly mozjpeg's default ones, of one quality.", "0/1"
        ),
        Feature("luma_step_mean", "Mean luma step", "Mean of the luma table.", "steps"),
        Feature("luma_step_first", "First luma step", "Step of the mean brightness of a block.", "steps"),
        Feature(
            "qtable_anomaly_score",
            "Table anomaly",
            "Twice the mean relative distance to the reference tables, at most 1; 0 for mozjpeg's own.",
            "0..1",
        ),
        Feature(
            "inconsistency_score",
            "Contradictions",
            "Fraction of six consistency checks that fail.",
            "share 0..1",
        ),
        Feature(
            "double_compression",
            "Double compression",
            "Strength of the period that a first, coarser compression leaves: about 0.2 for one, above 0.5 for two.",
            "0..1",
        ),
        Feature(
            "combined_anomaly_score",
            "Combined anomaly",
            "1 - product of (1 - anomaly) over tables, contradictions and double compression.",
            "0..1",
        ),
    ),
)

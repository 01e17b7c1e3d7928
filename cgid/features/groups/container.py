"""File format and dimensions, without the pixels: the classic source of label leakage, hence a group of its own."""

from __future__ import annotations

import math

from cgid.features.group import Feature, FeatureGroup
from cgid.fileformat.sniff import FORMATS
from cgid.imaging.image_file import ImageFile

CODES = {name: float(code) for code, name in enumerate(FORMATS)}


def compute(image: ImageFile) -> dict[str, float]:
    size, pixels = len(image.data), image.width * image.height
    trailing = image.trailing_bytes
    return {
        "format_code": CODES[image.format],
        "is_jpeg": float(image.format == "JPEG"),
        "is_png": float(image.format == "PNG"),
        "is_webp": float(image.format == "WEBP"),
        "extension_matches_format": float(image.extension in FORMATS[image.format].extensions),
        "bytes": float(size),
        "width": float(image.width),
        "height": float(image.height),
        "megapixels": pixels / 1e6,
        "bits_per_pixel": 8 * size / pixels,
        "aspect": max(image.width, image.height) / min(image.width, image.height),
        "square": float(image.width == image.height),
        "sides_multiple_of_64": float(image.width % 64 == 0 and image.height % 64 == 0),
        "channels": float(image.channels),
        "palette": float(image.mode == "P"),
        "grey": float(image.mode[0] in "L1IF" and image.mode != "LAB"),
        "bit_depth": float(image.bits),
        "has_alpha": float(image.has_alpha),
        "icc_present": float(bool(image.info.get("icc_profile"))),
        "icc_bytes": float(len(image.info.get("icc_profile") or b"")),
        "trailing_bytes": math.nan if trailing is None else float(trailing),
        "frames": float(image.frames),
    }


_CODES = ", ".join(f"{int(code)} {name}" for name, code in CODES.items())

GROUP = FeatureGroup(
    key="container",
    title="File and format",
    family="container",
    prefix="container",
    version=2,
    reads_name=True,
    meaning="Format, size, bit depth and appended data: how an image was stored, not what it shows.",
    cite="ISO/IEC 10918-1 (JPEG), W3C PNG, RFC 9649 (WebP), GIF89a, as stated in the file header.",
    weakness="Separates two collections perfectly if one was saved as PNG and the other as JPEG, which is meaningless.",
    not_applicable="Only trailing bytes: for formats that do not define their end (TIFF, AVIF, HEIC).",
    compute=compute,
    features=(
        Feature("format_code", "Format", f"Which format by content: {_CODES}.", "code"),
        Feature("is_jpeg", "JPEG", "The content is a JPEG.", "0/1"),
        Feature("is_png", "PNG", "The content is a PNG.", "0/1"),
        Feature("is_webp", "WebP", "The content is a WebP.", "0/1"),
        Feature("extension_matches_format", "Extension fits", "The name's extension fits the content.", "0/1"),
        Feature("bytes", "File size", "Bytes of the file.", "bytes"),
        Feature("width", "Width", "Stored width, before EXIF rotation.", "px"),
        Feature("height", "Height", "Stored height, before EXIF rotation.", "px"),
        Feature("megapixels", "Megapixels", "Million pixels.", "MP"),
        Feature("bits_per_pixel", "Bits per pixel", "File size in bits over the number of pixels.", "bits"),
        Feature("aspect", "Aspect", "Longer side over shorter side.", "ratio"),
        Feature("square", "Square", "Both sides are equal, as is common for generators.", "0/1"),
        Feature(
            "sides_multiple_of_64",
            "Sides of 64s",
            "Both sides are multiples of 64 px, as latent models produce.",
            "0/1",
        ),
        Feature("channels", "Channels", "Stored channels, alpha included.", "count"),
        Feature("palette", "Palette", "Colours come from a palette.", "0/1"),
        Feature("grey", "Grey", "Stored without colour.", "0/1"),
        Feature("bit_depth", "Bit depth", "Bits per channel as stored.", "bits"),
        Feature("has_alpha", "Transparency", "The file carries transparency.", "0/1"),
        Feature("icc_present", "Colour profile", "An ICC profile is embedded.", "0/1"),
        Feature("icc_bytes", "Profile size", "Bytes of the ICC profile.", "bytes"),
        Feature(
            "trailing_bytes",
            "Trailing bytes",
            "Bytes after the end of the container; missing if the format defines none.",
            "bytes",
        ),
        Feature("frames", "Frames", "Frames or pages, at most 10,000 counted.", "count"),
    ),
)

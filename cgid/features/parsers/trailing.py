"""How many bytes lie after the end of the picture: appended data, a motion photo's film, or somebody's trick."""

from __future__ import annotations

from cgid.features.image import ImageFile
from cgid.features.parsers import formats, jpeg_file, png_file


def trailing_bytes(image: ImageFile) -> int | None:
    """Bytes after the container's own end; None where the format does not say where it ends."""
    data = image.data
    if image.format == "JPEG":
        jpeg = image.once(jpeg_file.of)
        return len(data) - jpeg.end if jpeg.has_end else None
    if image.format == "PNG":
        png = image.once(png_file.of)
        return len(data) - png.end if png.has_end else None
    if image.format == "GIF":
        end = formats.gif_blocks(data)[1]
        return None if end is None else len(data) - end
    if image.format == "WEBP":
        size = 8 + int.from_bytes(data[4:8], "little")
        return max(0, len(data) - size - size % 2)
    if image.format == "BMP":
        size = int.from_bytes(data[2:6], "little")
        return max(0, len(data) - size) if size else None
    return None

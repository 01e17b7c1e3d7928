"""What is read at most of one image file: the same limits for cleaning, extraction, commands and pages.

The upload box of the page *Check an image* has a lower limit of its own: what a browser can hand over.
"""

from __future__ import annotations

MAX_BYTES = 512 * 1024 * 1024  # of one file
MAX_PIXELS = 120_000_000  # of one picture
MAX_FRAMES = 10_000  # frames or pages that are counted
# A progressive JPEG may repeat scans without end; real encoders write about ten.
MAX_JPEG_SCANS = 100
FREE_SCAN_PIXELS = 1_000_000  # below this size any number of scans is decoded in no time
# A generator's workflow in compressed PNG text can pass Pillow's limit of 1 MiB; all texts together keep its own of 64.
MAX_PNG_TEXT = 16 * 1024 * 1024

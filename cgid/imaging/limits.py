"""Limits for reading one image file, shared by cleaning, extraction, commands and pages.

The upload box of the page *Check an image* has a lower limit of its own, set by the browser.
"""

from __future__ import annotations

MAX_BYTES = 512 * 1024 * 1024  # of one file
MAX_PIXELS = 120_000_000  # of one image
MAX_FRAMES = 10_000  # frames or pages counted
# A progressive JPEG may repeat scans without end; real encoders write about ten.
MAX_JPEG_SCANS = 100
FREE_SCAN_PIXELS = 1_000_000  # below this size any number of scans decodes quickly
# A generator's workflow in compressed PNG text can pass Pillow's limit of 1 MiB; its limit of 64 MiB for all texts together stays.
MAX_PNG_TEXT = 16 * 1024 * 1024

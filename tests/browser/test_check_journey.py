"""A picture's whole way through the browser: dropped, judged, looked at closely, kept, reported, found again, deleted."""

from __future__ import annotations

import io
import json
import re

import numpy as np
import pytest
from PIL import Image, ImageFilter
from real_browser import settled, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]


def jpeg() -> bytes:
    """A blurred noise picture, saved once."""
    noise = np.random.default_rng(7).integers(0, 256, (240, 320, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).filter(ImageFilter.GaussianBlur(2)).save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def open_tab(page, name: str, shown: str) -> None:
    page.get_by_role("tab", name=name).click()
    page.get_by_text(shown).first.wait_for(timeout=30_000)
    settled(page)


def saved(page, name: str, folder):
    with page.expect_download(timeout=30_000) as download:
        page.get_by_role("button", name=name).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_from_a_file_to_its_deletion(server, page, tmp_path):
    page.set_viewport_size({"width": 1440, "height": 900})
    visit(page, f"{server}/check", "Check an image")
    page.locator("input[type=file]").first.set_input_files(
        {"name": "journey.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}
    )
    verdict = page.get_by_role("heading", name=re.compile("Inconclusive$"))  # there is no model in this home
    verdict.wait_for(timeout=60_000)
    assert verdict.bounding_box()["y"] < 900, "the answer is not on the first screen"
    page.get_by_text(re.compile("^All 10 copies are inconclusive too")).wait_for(timeout=60_000)
    page.get_by_text("Limitations:").first.wait_for(timeout=30_000)
    settled(page)

    open_tab(page, "Filters", "Gallery of all filters")
    page.get_by_role("radio", name="Single filter").click()
    box = page.get_by_role("combobox", name=re.compile("^Filter"))
    box.wait_for(timeout=30_000)
    settled(page)
    box.fill("error level analysis")
    box.press("Enter")
    page.get_by_text("Recompressed at quality 90").first.wait_for(timeout=30_000)
    settled(page)
    page.get_by_role("slider", name="JPEG quality").press("ArrowLeft")
    page.get_by_text("Recompressed at quality 89").first.wait_for(timeout=30_000)
    settled(page)
    drawn = Image.open(saved(page, "Map (PNG)", tmp_path))
    told = " ".join(str(text) for text in drawn.info.values())
    assert drawn.size == (320, 240) and "error_level" in told
    assert re.search(r'"quality": ?89\b', told), told[:500]

    open_tab(page, "The file", "Search the tree")
    open_tab(page, "Save and share", "Saved as record")
    page.get_by_role("textbox", name="Note").fill("the journey's own note")
    page.get_by_role("textbox", name="Note").press("Tab")
    page.get_by_text("Note saved.").wait_for(timeout=30_000)
    settled(page)
    report = saved(page, "Report (HTML)", tmp_path)
    record = json.loads(saved(page, "Record (JSON)", tmp_path).read_text(encoding="utf-8"))
    assert "inconclusive" in json.dumps(record)
    plain = page.context.browser.new_context(java_script_enabled=False)
    read = plain.new_page()
    read.goto(report.as_uri())
    shown = read.locator("body").inner_text()
    assert "Inconclusive" in shown and "journey.jpg" in shown and "the journey's own note" in shown
    assert "<script" not in report.read_text(encoding="utf-8")
    plain.close()

    visit(page, f"{server}/history", "History")
    field = page.get_by_role("textbox", name="Search")
    for words, told in (("nothing is called so", "No record matches."), ("own note", "1 record")):
        field.fill(words)
        field.press("Enter")
        page.get_by_text(told).first.wait_for(timeout=30_000)
        settled(page)
    page.locator(".st-key-open-1 button").click()
    page.get_by_role("button", name="All records").wait_for(timeout=30_000)
    settled(page)
    page.get_by_role("button", name=re.compile("^(delete )?Delete")).first.click()
    page.get_by_role("button", name="Delete permanently").click()
    page.get_by_text("No image has been checked yet.").wait_for(timeout=30_000)

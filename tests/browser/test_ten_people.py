"""Ten people in ten browsers at once, each with another picture: everyone gets the answer to their own."""

from __future__ import annotations

import io
import time

import numpy as np
import pytest
from PIL import Image
from real_browser import settled, visit

from cgid.forensics.check import check
from cgid.runs.store import set_current
from cgid.settings import settings
from cgid.ui.shared import text
from planted_network import planted_run

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]

PEOPLE = 10
# The mean colour of the picture beside the answer, as the browser shows it.
MEAN = """picture => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 8, height: 8 })
  const pen = canvas.getContext("2d")
  pen.drawImage(picture, 0, 0, 8, 8)
  const values = pen.getImageData(0, 0, 8, 8).data.filter((_, at) => at % 4 < 3)
  return values.reduce((sum, value) => sum + value, 0) / values.length
}"""


def png(level: int) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(level).normal(level, 10, (48, 64, 3)).clip(0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def test_everyone_gets_the_answer_to_their_own_picture(server, page) -> None:
    # The brighter, the more likely AI: each picture has a number of its own.
    set_current(planted_run(settings().runs / "model_a" / "planted", np.full((8, 8), 0.2), bias=-6))
    levels = [50 + 15 * n for n in range(PEOPLE)]
    names = [f"person-{n}.png" for n in range(PEOPLE)]
    found = [check(png(level), name) for level, name in zip(levels, names)]
    assert {one.verdict for one in found} == {"likely_real", "inconclusive", "likely_ai"}

    browser = page.context.browser
    pages = [browser.new_context(viewport={"width": 1000, "height": 700}).new_page() for _ in range(PEOPLE)]
    for person in pages:
        visit(person, f"{server}/check", "Check an image")
    begun = time.perf_counter()
    for person, level, name in zip(pages, levels, names):
        upload = person.locator("input[type=file]").first
        upload.set_input_files({"name": name, "mimeType": "image/png", "buffer": png(level)})
    for person, one in zip(pages, found):
        title = text.VERDICTS[one.verdict][0]
        person.get_by_role("heading", name=title).first.wait_for(timeout=60_000)
    taken = time.perf_counter() - begun
    print(f"{PEOPLE} people, the last answer after {taken:.1f} s")
    assert taken < 60

    for person, one, name, level in zip(pages, found, names, levels):
        settled(person)
        own = person.get_by_alt_text(f"The checked image, {name}: {text.VERDICTS[one.verdict][0].lower()}.")
        own.wait_for(timeout=30_000)
        assert abs(own.evaluate(MEAN) - level) < 4, name
        scale = f"this image lies at {text.percent(one.model_a.probability)}"
        drawing = person.locator(f"[aria-label*='{scale}'], [alt*='{scale}']").first
        drawing.wait_for(state="attached", timeout=30_000)  # charts are drawn after the text
        said = person.locator("body").inner_text()
        assert one.sha256 in said
        assert not [other for other in names if other != name and other in person.content()]
        assert not [other.sha256 for other in found if other is not one and other.sha256 in said]

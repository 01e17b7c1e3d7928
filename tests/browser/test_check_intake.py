"""Pictures come in as people bring them: pasted, dropped beside the box, several at once, by keyboard, by camera."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image
from real_browser import settled, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(120)]

# Files as the clipboard or a drag hands them to the page.
HANDED = """([event, files]) => {
  const held = new DataTransfer()
  for (const [name, content] of files)
    held.items.add(new File([Uint8Array.from(atob(content), c => c.charCodeAt(0))], name, { type: "image/png" }))
  const options = { bubbles: true, cancelable: true }
  document.querySelector("h1").dispatchEvent(event === "paste"
    ? new ClipboardEvent("paste", { ...options, clipboardData: held })
    : new DragEvent("drop", { ...options, dataTransfer: held }))
}"""


def png(seed: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (40, 60, 3), np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def hand(page, event: str, **files: bytes) -> None:
    page.evaluate(HANDED, [event, [[f"{name}.png", base64.b64encode(data).decode()] for name, data in files.items()]])


def test_pasted_dropped_several_and_by_camera(server, page):
    page.set_viewport_size({"width": 1440, "height": 900})
    visit(page, f"{server}/check", "Check an image")
    page.get_by_role("button", name="Paste an image").wait_for(timeout=30_000)
    assert page.locator("video").count() == 0

    hand(page, "paste", pasted=png(1))
    verdict = page.get_by_role("heading", name=re.compile("Inconclusive$"))
    verdict.wait_for(timeout=30_000)
    page.get_by_text("Pasted:").wait_for()
    assert verdict.bounding_box()["y"] < 900, "the answer is not on the first screen"

    hand(page, "drop", one=png(2), two=png(3))  # beside the box, which is away while a picture is shown
    page.get_by_text("2 inconclusive.").wait_for(timeout=30_000)
    settled(page)

    away = page.get_by_role("button", name="Remove", exact=True)
    away.focus()
    page.keyboard.press("Enter")
    page.get_by_text("Or try a sample.").wait_for(timeout=30_000)
    settled(page)

    page.get_by_text("Use the camera").click()
    # A shot before the first frame is none: on a busy machine the camera comes later than its button.
    page.wait_for_function("() => (document.querySelector('video')?.videoWidth ?? 0) > 0", timeout=30_000)
    page.wait_for_timeout(500)
    page.get_by_role("button", name="Take Photo").click(timeout=30_000)
    page.get_by_text("From the camera:").wait_for(timeout=60_000)
    page.get_by_role("heading", name=re.compile("Inconclusive$")).wait_for(timeout=30_000)
    assert page.locator("video").count() == 0

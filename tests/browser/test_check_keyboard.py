"""The whole page *Check an image* by keyboard alone: no mouse, no pointer, and what has the focus can be seen."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image
from real_browser import settled, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]

WIDTH, HEIGHT = 1440, 1000
FOCUS = """() => {
  let at = document.activeElement
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
  const text = (at.getAttribute("aria-label") || at.innerText || at.value || "").replace(/\\s+/g, " ").trim()
  const { x, y, width, height } = at.getBoundingClientRect()
  window.focused = at
  return { role: at.getAttribute("role") || at.type || at.localName, text, box: [x, y, width, height] }
}"""


def tab_to(page, role: str, text: str, most: int = 70) -> None:
    """Press Tab until this has the focus, which must then be visible. text: a pattern of its name."""
    passed = []
    for _ in range(most):
        page.keyboard.press("Tab")
        here = page.evaluate(FOCUS)
        if here["role"] == role and re.search(text, here["text"]):
            assert_seen(page, here)
            return
        passed.append(f"{here['role']} {here['text'][:40]}")
    raise AssertionError(f"Tab never came to the {role} “{text}”, only to: {passed}")


def assert_seen(page, here: dict) -> None:
    """With the focus it looks different from without."""
    page.wait_for_timeout(300)
    x, y, width, height = page.evaluate(FOCUS)["box"]
    left, top = max(0, x - 8), max(0, y - 8)
    clip = {"x": left, "y": top, "width": min(width + 16, WIDTH - left), "height": min(height + 16, HEIGHT - top)}
    seen = []
    for act in ("", "focused.blur()", "focused.focus()"):
        if act:
            page.evaluate(act)
            page.wait_for_timeout(300)
        seen.append(np.asarray(Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB"), int))
    assert (np.abs(seen[0] - seen[1]).max(-1) > 40).sum() > 15, f"the focus cannot be seen on {here}"


def to_the_tabs(page, selected: str) -> None:
    page.evaluate("document.querySelector('[data-testid=stMain]').focus()")  # as the link *Skip to main content* does
    tab_to(page, "tab", selected)


def test_from_a_sample_to_the_report(server, page):
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    visit(page, f"{server}/check", "Check an image")
    page.get_by_role("button", name="Signed as AI", exact=True).wait_for(timeout=60_000)
    settled(page)
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUS)["text"] == "Skip to main content"
    tab_to(page, "submit", "^Signed as AI$")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=re.compile("Declared AI by its own data$")).wait_for(timeout=30_000)
    page.get_by_text("Results of all copies").wait_for(timeout=60_000)
    settled(page)

    # The tabs: arrows go from one to the next.
    to_the_tabs(page, "Evidence")
    page.keyboard.press("ArrowRight")
    page.get_by_text("Gallery of all filters").wait_for(timeout=30_000)
    settled(page)

    # One filter, found by typing; its slider; the viewer.
    tab_to(page, "radio", "Gallery of all filters")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.get_by_role("combobox", name=re.compile("^Filter")).wait_for(timeout=30_000)
    settled(page)
    tab_to(page, "combobox", "Filter")
    page.keyboard.type("error level analysis")
    page.keyboard.press("Enter")
    page.get_by_text("Recompressed at quality 90").first.wait_for(timeout=30_000)
    settled(page)
    tab_to(page, "img", "before the filter")
    page.keyboard.press("+")
    page.keyboard.press("Shift+ArrowRight")
    page.get_by_text(re.compile(r"^x \d+, y \d+: image ")).wait_for()
    tab_to(page, "slider", "Line between image and map")
    page.keyboard.press("End")
    assert page.get_by_role("slider", name="Line between").get_attribute("aria-valuenow") == "100"
    tab_to(page, "range", "JPEG quality")
    page.keyboard.press("ArrowLeft")
    page.get_by_text("Recompressed at quality 89").first.wait_for(timeout=30_000)
    settled(page)

    # The other tabs, and what is kept.
    to_the_tabs(page, "Filters")
    for shown in (
        "Search the tree",
        "A valid signature shows that a credential has not been changed since",
        "Saved as record",
    ):
        page.keyboard.press("ArrowRight")
        page.get_by_text(shown).first.wait_for(timeout=30_000)
        settled(page)
    tab_to(page, "submit", r"Report \(HTML\)")
    with page.expect_download(timeout=30_000) as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename.endswith(".html")
    tab_to(page, "textarea", "Note")
    page.keyboard.type("asked by keyboard")
    page.keyboard.press("Tab")
    page.get_by_text("Note saved.").wait_for(timeout=30_000)

"""One journey as a person makes it: start, build the demo, check an image, see a matrix, click a cell."""

from __future__ import annotations

import re

import pytest
from real_browser import settled, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]


def test_from_nothing_to_a_matrix(server, page):
    visit(page, server, "Overview")
    page.get_by_role("button", name="Build the demo").wait_for()
    size = page.get_by_label("Images per data set", exact=True)
    size.fill("160")
    size.press("Tab")
    page.get_by_role("button", name="Build the demo").click()
    page.get_by_text("Jobs are running").wait_for(timeout=30_000)

    page.reload()  # as if the window had been closed: the work is still there
    page.get_by_text("Jobs are running").wait_for(timeout=30_000)
    page.get_by_text("Does a single feature leak the label?").wait_for(timeout=600_000)

    visit(page, f"{server}/check?sample=demo_photo", "Check an image")
    page.get_by_role("heading", name=re.compile("(Likely real|Inconclusive|Likely AI)$")).wait_for(timeout=60_000)
    page.get_by_text("Limitations").first.wait_for(timeout=60_000)

    visit(page, f"{server}/results", "Results")
    page.get_by_role("heading", name="Confusion matrix").wait_for(timeout=60_000)
    matrix = page.locator("[data-testid=stVegaLiteChart]").nth(1)
    matrix.locator("canvas, svg").first.wait_for(timeout=30_000)
    chosen = "() => [...document.querySelectorAll('input')].some(i => i.value === 'AI image, detector says AI: true positive')"
    for _ in range(20):  # a click before the chart listens is lost
        box = matrix.bounding_box()
        page.mouse.click(box["x"] + 0.7 * box["width"], box["y"] + 0.65 * box["height"])
        page.wait_for_timeout(1500)
        if page.evaluate(chosen):
            break
    assert page.evaluate(chosen), "a click on the cell of true positives chose nothing"

    visit(page, f"{server}/leakage?audit=demo_leaky_160", "Leakage")
    page.get_by_text(re.compile("The label leaks")).first.wait_for(timeout=60_000)


def test_a_deep_link_after_a_start_shows_the_page_in_its_frame(server, page):
    visit(page, f"{server}/jobs", "Jobs")
    assert page.get_by_role("link", name="Check an image").count() >= 1


def test_the_first_click_on_a_server_just_started_counts(server, page):
    """The first run of a server is another than all later ones; what is clicked meanwhile must not be lost with it."""
    page.goto(f"{server}/check?sample=camera")
    tab = page.get_by_role("tab", name="Save and share")
    tab.click(timeout=60_000)
    page.get_by_text("Saved as record").wait_for(timeout=60_000)
    settled(page)
    assert tab.get_attribute("aria-selected") == "true"

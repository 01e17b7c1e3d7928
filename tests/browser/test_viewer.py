"""The viewer of the inspector in a real browser: by keyboard alone, by mouse, on a phone; what it shows is read from pixels."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest
from real_browser import free_port, until_served

from cgid.settings import REPOSITORY

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(120)]

SCRIPT = """
import numpy as np
import streamlit as st
from cgid.ui.components.viewer import Layer, Pane, lossless, viewer

rows, columns = np.mgrid[:100, :200]
picture = np.stack([columns, rows, np.full_like(rows, 7)], -1).astype(np.uint8)
level = st.slider("Level", 0, 255, 40)
above = Layer(lossless(np.full((100, 200), level, np.uint8)), "map", f"The level is {level}.")
first = Pane(Layer(lossless(picture), "picture", "A ramp."), above, origin=(1000, 500))
if st.query_params.get("show") == "two":  # the other one is half as large
    second = Layer(lossless(np.ascontiguousarray(picture[::2, ::2])), "picture", "A small ramp.")
    viewer([Pane(first.below, None, "one"), Pane(second, None, "two")], "two", "here")
elif st.query_params.get("show") == "apart":
    viewer([Pane(first.below), Pane(above)], "apart", "here", linked=False)
else:
    viewer([first], "it", "here")
"""


@pytest.fixture
def server(tmp_path):
    script = tmp_path / "one_viewer.py"
    script.write_text(SCRIPT)
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)], cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://localhost:{port}"
    try:
        until_served(url)
        yield url
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def browser():
    if CHROMIUM is None:
        pytest.skip("no Chromium on this computer")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def opened(browser, url: str, width: int):
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.goto(url)
    page.locator(".stage[data-shown]").wait_for(timeout=30_000)
    page.wait_for_timeout(200)
    return page


def colour(page, x: float, y: float, window: int = 0) -> list[int]:
    """What the screen shows at a share of a window."""
    page.wait_for_timeout(80)
    return (
        page.locator(".window canvas")
        .nth(window)
        .evaluate("(c, [x, y]) => [...c.getContext('2d').getImageData(c.width * x, c.height * y, 1, 1).data]", [x, y])
    )


def scale(page) -> float:
    page.wait_for_timeout(80)
    return float(page.locator(".stage").get_attribute("data-scale"))


def test_the_viewer_by_keyboard_by_mouse_and_on_a_phone(server, browser):
    page = opened(browser, server, 1200)
    canvas, divider, readout = (
        page.locator(".window canvas"),
        page.get_by_role("slider", name="Line between"),
        ".readout",
    )
    assert canvas.get_attribute("aria-label") == "A ramp. The level is 40."

    # The compare slider: picture on the left, map on the right, moved by keys.
    assert colour(page, 0.45, 0.5)[2] == 7 and colour(page, 0.55, 0.5)[:3] == [40, 40, 40]
    divider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    assert divider.get_attribute("aria-valuenow") == "60"
    assert divider.get_attribute("aria-valuetext") == "picture on the left 60 %, map on the right 40 %"
    assert colour(page, 0.55, 0.5)[2] == 7
    page.keyboard.press("Home")
    assert colour(page, 0.3, 0.5)[:3] == [40, 40, 40]

    # Zoom, move and read single pixels by keys.
    canvas.focus()
    fit = scale(page)
    page.keyboard.press("+")
    assert scale(page) == pytest.approx(1.5 * fit, abs=1e-3)
    page.keyboard.press("4")
    assert scale(page) == 4
    page.keyboard.press("Shift+ArrowRight")
    assert page.locator(readout).inner_text() == "x 1101, y 550: picture 101 50 7 · map 40"
    page.keyboard.press("Shift+ArrowDown")
    assert "y 551: picture 101 51 7" in page.locator(readout).inner_text()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("0")
    assert scale(page) == pytest.approx(fit, abs=1e-3)

    # Held, B flips; L is the magnifier.
    page.keyboard.down("b")
    assert colour(page, 0.3, 0.6)[2] == 7
    page.keyboard.up("b")
    assert colour(page, 0.3, 0.6)[:3] == [40, 40, 40]
    page.keyboard.press("l")
    assert page.get_by_label("Magnifier").input_value() == "4"
    page.keyboard.press("l")

    # The wheel scrolls the page until the picture has the focus, then it zooms where the pointer is.
    box = canvas.bounding_box()
    page.mouse.click(box["x"] + 100, box["y"] + 100)
    page.mouse.wheel(0, -200)
    assert scale(page) > fit
    page.mouse.dblclick(box["x"] + 100, box["y"] + 100)
    page.get_by_role("button", name=re.compile("Fit")).click()

    # Another value of the server's slider: the map changes, place and mode stay, the picture is not loaded again.
    page.get_by_role("radio", name="Side by side").focus()
    page.keyboard.press("Space")
    assert canvas.count() == 2
    first = page.locator(".stage").get_attribute("data-shown").split()
    page.locator("[data-testid=stSlider] input, [data-testid=stSlider] [role=slider]").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "old => [...document.querySelectorAll('*')].some(e => e.shadowRoot?.querySelector('.stage')?.dataset.shown !== old "
        "&& e.shadowRoot?.querySelector('.stage'))", arg=" ".join(first),
    )  # fmt: skip
    assert colour(page, 0.5, 0.5, 1)[:3] == [41, 41, 41]
    assert page.locator(".stage").get_attribute("data-shown").split()[0] == first[0]
    assert canvas.nth(1).get_attribute("aria-label") == "The level is 41."
    assert not page.faults

    # Two pictures of different size show the same share of each, its pixels equally large; unlinked ones go alone.
    page.goto(f"{server}/?show=two")
    page.locator(".stage[data-windows='2'][data-shown]").wait_for(timeout=30_000)
    page.wait_for_timeout(200)
    canvas.first.focus()
    page.keyboard.press("4")
    page.keyboard.press("Shift+ArrowRight")
    assert page.locator(readout).inner_text() == "x 101, y 50: one picture 101 50 7 · two picture 100 50 7"
    assert colour(page, 0.4, 0.45)[:2] == pytest.approx(colour(page, 0.4, 0.45, 1)[:2], abs=25)
    page.goto(f"{server}/?show=apart")
    page.locator(".stage[data-windows='2'][data-shown]").wait_for(timeout=30_000)
    page.wait_for_timeout(200)
    canvas.nth(1).focus()
    for _ in range(4):
        page.keyboard.press("+")
    page.keyboard.press("ArrowLeft")
    assert "map 40" not in page.locator(readout).inner_text()
    page.keyboard.press("Shift+ArrowRight")
    assert "map 40" in page.locator(readout).inner_text() and "picture" not in page.locator(readout).inner_text()
    assert not page.faults

    phone = opened(browser, server, 350)
    stage = phone.locator(".stage").bounding_box()
    assert stage["x"] >= 0 and stage["x"] + stage["width"] <= 350
    phone.get_by_text("Side by side", exact=True).click()
    above, below = (phone.locator(".window").nth(n).bounding_box() for n in (0, 1))
    assert below["y"] > above["y"] and phone.locator(".stage").bounding_box()["height"] == stage["height"]
    assert phone.evaluate("document.documentElement.scrollWidth") <= 350
    assert not phone.faults

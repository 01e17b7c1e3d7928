"""One journey as a person makes it: start, build the demo, check an image, see a matrix, click a cell."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from cgid.settings import REPOSITORY

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def server(own_home):
    """The app as `cgid app` starts it, on a free port. Yields (url, seconds until it was up)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "CGID_WORKER_IDLE": "2"}
    subprocess.Popen(
        [sys.executable, "-m", "cgid", "app", "--port", str(port)], env=environment, cwd=REPOSITORY,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://localhost:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=1)
                break
            except OSError:
                time.sleep(0.1)
        yield url
    finally:
        end_everything_of(own_home)


def end_everything_of(home) -> None:
    """The app, its worker and its jobs: whatever was started for this home."""
    import psutil

    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.pid != os.getpid() and process.environ().get("CGID_HOME") == str(home):
                process.kill()
                found.append(process)
    psutil.wait_procs(found, timeout=10)


@pytest.fixture
def page():
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser.new_page(viewport={"width": 1440, "height": 2200})
        browser.close()


def visit(page, url: str, heading: str) -> None:
    page.goto(url)
    page.get_by_role("heading", name=heading, exact=True).wait_for(timeout=20_000)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=60_000)
    assert page.locator("[data-testid=stException]").count() == 0


def test_from_nothing_to_a_matrix(server, page):
    visit(page, server, "Overview")
    page.get_by_role("button", name="Build the demo").wait_for()
    size = page.get_by_label("Images in each version", exact=True)
    size.fill("160")
    size.press("Tab")
    page.get_by_role("button", name="Build the demo").click()
    page.get_by_text("Work is under way").wait_for(timeout=30_000)

    page.reload()  # as if the window had been closed: the work is still there
    page.get_by_text("Work is under way").wait_for(timeout=30_000)
    page.get_by_text("Does a feature give the label away?").wait_for(timeout=600_000)

    visit(page, f"{server}/check?sample=demo_photo", "Check an image")
    page.get_by_role("heading", name=re.compile("(Likely real|Inconclusive|Likely AI)$")).wait_for(timeout=60_000)
    page.get_by_text("Error levels").first.wait_for(timeout=60_000)

    visit(page, f"{server}/results", "Results")
    page.get_by_role("heading", name="Confusion matrix").wait_for(timeout=60_000)
    matrix = page.locator("[data-testid=stVegaLiteChart]").nth(1)
    matrix.locator("canvas, svg").first.wait_for(timeout=30_000)
    chosen = "() => [...document.querySelectorAll('input')].some(i => i.value === 'AI image, detector says AI: caught')"
    for _ in range(20):  # a click before the chart listens is lost
        box = matrix.bounding_box()
        page.mouse.click(box["x"] + 0.7 * box["width"], box["y"] + 0.65 * box["height"])
        page.wait_for_timeout(1500)
        if page.evaluate(chosen):
            break
    assert page.evaluate(chosen), "a click on the cell of caught AI images chose nothing"

    visit(page, f"{server}/leakage?audit=demo_leaky_160", "Leakage")
    page.get_by_text(re.compile("The label leaks")).first.wait_for(timeout=60_000)


def test_a_deep_link_after_a_start_shows_the_page_in_its_frame(server, page):
    visit(page, f"{server}/jobs", "Jobs")
    assert page.get_by_role("link", name="Check an image").count() >= 1

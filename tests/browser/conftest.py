"""A server of the app with a home of its own, and a page of a real browser."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from real_browser import CHROMIUM, FLAGS, end_everything_of, free_port, until_served

from cgid.settings import REPOSITORY


@pytest.fixture
def server(own_home):
    """The app as `cgid app` starts it, on a free port. Yields its address."""
    port = free_port()
    environment = {**os.environ, "CGID_WORKER_IDLE": "2"}
    subprocess.Popen(
        [sys.executable, "-m", "cgid", "app", "--port", str(port)], env=environment, cwd=REPOSITORY,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://localhost:{port}"
    try:
        until_served(url)
        yield url
    finally:
        end_everything_of(own_home)


@pytest.fixture
def page():
    if CHROMIUM is None:
        pytest.skip("no Chromium on this computer")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser.new_page(viewport={"width": 1440, "height": 2200})
        browser.close()

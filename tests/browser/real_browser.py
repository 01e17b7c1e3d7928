"""Chromium as the tests of journeys start it, and a visit that waits until a page is whole."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import time
import urllib.request

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync",
         "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]  # fmt: skip


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def until_served(url: str, seconds: float = 40) -> None:
    """Wait until a Streamlit server answers there; a test that comes too early fails by itself."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1)
            return
        except OSError:
            time.sleep(0.1)


def visit(page, url: str, heading: str) -> None:
    page.goto(url)
    page.get_by_role("heading", name=heading, exact=True).wait_for(timeout=20_000)
    settled(page)


def settled(page) -> None:
    """The script has run to its end, without an exception."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=60_000)
    assert page.locator("[data-testid=stException]").count() == 0


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

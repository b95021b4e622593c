"""A server of its own and Debian's Chromium for the browser tests."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    if CHROMIUM is None:
        pytest.skip("needs chromium, Debian's package of that name")
    port = free_port()
    env = {**os.environ, "DLT_HOME": str(tmp_path_factory.mktemp("home"))}
    command = [sys.executable, "-m", "dl_techniques", "serve", "--no-browser"]
    process = subprocess.Popen(
        [*command, "--port", str(port)], cwd=ROOT, env=env, start_new_session=True
    )
    url = f"http://localhost:{port}"
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1)  # noqa: S310
            break
        except OSError:
            time.sleep(0.25)
    yield url
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(20)


@pytest.fixture(scope="session")
def chromium(server):
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium):
    page = chromium.new_page(viewport={"width": 1440, "height": 1000})
    page.set_default_timeout(90_000)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    yield page
    page.close()
    ours = ("http://localhost:", "data:", "blob:")
    assert [url for url in asked if not url.startswith(ours)] == []

"""The app as a newcomer meets it: first paint, clicks, updates and their size.

Starts the app with an empty store and drives it in Chromium (Debian's package, with
playwright from the test extras).
"""

import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Page, sync_playwright

from dl_techniques.recipes import examples, to_link

POINTS = ".js-plotly-plot .scatterlayer .trace"
UPDATES = 60
_WATCH = """() => {
    const plot = document.querySelector('.js-plotly-plot');
    plot.dataset.mine = 'yes';
    window.updates = 0;
    plot.on('plotly_afterplot', () => { window.updates += 1; });
}"""
_STATE = """() => {
    const plot = document.querySelector('.js-plotly-plot');
    return [plot.dataset.mine, plot.layout.xaxis.range.map((v) => v.toFixed(4)),
            plot._fullData[0].visible];
}"""

_TIME_CLICK = """(sign) => {
    window.took = null;
    const drawn = () => document.querySelector(`[aria-label*="${sign}"] .main-svg`);
    document.addEventListener('pointerdown', (down) => {
        const look = () => {
            if (!drawn()?.getBoundingClientRect().height) requestAnimationFrame(look);
            else window.took = performance.now() - down.timeStamp;
        };
        look();
    }, { once: true, capture: true });
}"""


def main() -> None:
    """Prints one line a measurement."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        url, process = serve(home)
        try:
            with sync_playwright() as p:
                path = shutil.which("chromium") or shutil.which("chromium-browser")
                browser = p.chromium.launch(
                    executable_path=path, args=["--no-sandbox", "--disable-gpu"]
                )
                page = browser.new_page(viewport={"width": 1440, "height": 1000})
                page.set_default_timeout(60_000)
                first_paint(page, url)
                cold = one_click(page, url)
                print(f"click at once after start -> first point {cold:.1f} s (<= 15)")
                warm = [one_click(page, url) for _ in range(5)]
                shown = ", ".join(f"{t:.1f}" for t in warm)
                print(f"warm click -> first point {shown} s (<= 4)")
                updates(page, url)
                browser.close()
            memory(process)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(20)
            end_runs(home)


def serve(home: str) -> tuple[str, subprocess.Popen[bytes]]:
    """Starts the app and waits until it answers."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    command = [sys.executable, "-m", "dl_techniques", "serve", "--no-browser"]
    process = subprocess.Popen(  # noqa: S603  # our own program
        [*command, "--port", str(port)],
        cwd=Path(__file__).parents[1],
        env={**os.environ, "DLT_HOME": home},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
    )
    url = f"http://localhost:{port}"
    while True:
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1)  # noqa: S310
            return url, process
        except OSError:
            time.sleep(0.1)


def first_paint(page: Page, url: str) -> None:
    """Opens the page for the first time."""
    begin = time.perf_counter()
    page.goto(url)
    page.get_by_role("button", name="Train").first.wait_for()
    print(f"first paint {time.perf_counter() - begin:.1f} s (<= 4)")


def one_click(page: Page, url: str) -> float:
    """Returns the seconds from the click on "digits" to the first point."""
    page.goto(url)
    button = page.get_by_role("button", name="Train").first
    button.wait_for()
    page.wait_for_timeout(0 if url not in _seen else 2500)
    _seen.add(url)
    begin = time.perf_counter()
    button.click()
    page.wait_for_url("**/live?run=*")
    page.wait_for_selector(POINTS)
    taken = time.perf_counter() - begin
    page.get_by_text("epoch 20 of 20").wait_for()
    return taken


_seen: set[str] = set()


def updates(page: Page, url: str) -> None:
    """Zooms, hides a trace, lets the run go on, and clicks while it does."""
    sizes: list[int] = []
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    client.on("Network.webSocketFrameReceived", lambda e: sizes.append(_size(e)))
    page.goto(f"{url}/build?m={long_recipe()}")
    page.get_by_role("button", name="Train").wait_for()
    page.get_by_text("parameters,").wait_for()
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/live?run=*")
    page.wait_for_selector(POINTS)
    zoom_and_hide(page)
    page.evaluate(_WATCH)
    before = page.evaluate(_STATE)
    sizes.clear()
    page.wait_for_function(f"() => window.updates >= {UPDATES}", timeout=180_000)
    kept = page.evaluate(_STATE) == before
    total = sum(sizes)
    print(f"after {UPDATES} updates zoom, hidden trace and node kept: {kept}")
    print(f"mean payload an update {total / UPDATES / 1024:.1f} KB (<= 30)")
    clicks(page)
    page.get_by_role("button", name="Stop").click()


def zoom_and_hide(page: Page) -> None:
    """Draws a zoom with the mouse and hides the first trace of the first figure."""
    plot = page.locator(".js-plotly-plot").first
    box = plot.locator(".nsewdrag").first.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.2, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, y, steps=5)
    page.mouse.up()
    plot.locator(".legendtoggle").first.click()
    page.wait_for_timeout(800)


def clicks(page: Page) -> None:
    """Times clicks on the views of the page while it trains, until all is drawn."""
    last_figure = {
        "Curves": "Epoch seconds over the epochs",
        "Calibration": "Brier score over the epochs",
        "Weights": "Histogram of weights",
        "Overview": "Histogram of activations",
    }
    times, outside = [], []
    for _ in range(10):
        for view, sign in last_figure.items():
            page.wait_for_timeout(300)
            page.evaluate(_TIME_CLICK, sign)
            begin = time.perf_counter()
            page.get_by_role("radio", name=view, exact=True).click()
            page.wait_for_function("() => window.took !== null")
            outside.append(time.perf_counter() - begin)
            times.append(page.evaluate("() => window.took") / 1000)
    for found, seen in ((times, "in the page"), (outside, "by playwright")):
        p95, median = statistics.quantiles(found, n=20)[-1], statistics.median(found)
        print(
            f"click on a view -> drawn, timed {seen}: "
            f"median {median:.2f} s, p95 {p95:.2f} s (<= 0.8)"
        )


def long_recipe() -> str:
    """Returns the link of a recipe that trains for some minutes."""
    recipe = next(e.recipe for e in examples() if e.slug == "digits-mlp")
    training = recipe.training.model_copy(update={"epochs": 5000})
    return to_link(recipe.model_copy(update={"name": "long", "training": training}))


def memory(process: subprocess.Popen[bytes]) -> None:
    """Prints the server's memory and whether it maps TensorFlow."""
    for server in [
        psutil.Process(process.pid),
        *psutil.Process(process.pid).children(),
    ]:
        words = " ".join(server.cmdline())
        if "streamlit" in words:
            size = server.memory_info().rss / 2**20
            maps = Path(f"/proc/{server.pid}/maps").read_text()
            found = sum("tensorflow" in line for line in maps.splitlines())
            print(f"server {size:.0f} MB (< 350), {found} TensorFlow maps")


def end_runs(home: str) -> None:
    """Ends runs that would outlive the app, as runs do."""
    for process in psutil.process_iter(["cmdline"]):
        if home in (process.info["cmdline"] or []):
            process.kill()


def _size(event: dict[str, Any]) -> int:
    return len(event["response"].get("payloadData", "")) * 3 // 4  # base64


if __name__ == "__main__":
    main()

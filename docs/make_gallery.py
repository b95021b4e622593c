"""Draws every figure in light and dark and writes docs/gallery.md.

    python docs/make_gallery.py [name ...]

The data are those of the tests. Needs the `test` extra and Chromium; with names only
those pictures are made anew.
"""

import importlib
import io
import json
import shutil
import sys
from pathlib import Path

import plotly
from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.visualization.cases import CASES, Case, figure  # noqa: E402

PICTURES = ROOT / "docs" / "images" / "gallery"
SCRIPT = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
PAGES = {"light": "#ffffff", "dark": "#0e1117"}
ROOMS = (
    *("calibration", "confidence", "spectra", "activations", "weights"),
    *("representations", "training", "comparison", "data", "pictures"),
    "architecture",
)
WIDTH, COLOURS = 400, 80
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]


def sheet(case: Case) -> str:
    """Returns the page of one figure: light on the left, dark on the right."""
    parts = []
    for theme, paper in PAGES.items():
        drawn = json.loads(figure(case.name, theme=theme).to_json())
        drawn["layout"]["width"] = WIDTH
        style = f"width:{WIDTH}px;background:{paper}"
        parts.append(f'<div id="{theme}" style="{style}"></div>')
        draw = f"Plotly.newPlot({theme!r}, d.data, d.layout, {{staticPlot: true}})"
        parts.append(f"<script>(d => {draw})({json.dumps(drawn)})</script>")
    body = "".join(parts)
    return f'<div id="both" style="display:inline-flex">{body}</div>'


def picture(page: Page, case: Case) -> bytes:
    """Returns the figure as a small PNG."""
    page.evaluate("html => { document.body.innerHTML = html; }", sheet(case))
    page.evaluate(
        "() => document.querySelectorAll('#both script').forEach(s => eval(s.text))"
    )
    page.wait_for_function("document.querySelectorAll('.main-svg').length >= 4")
    raw = Image.open(io.BytesIO(page.locator("#both").screenshot()))
    small = raw.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    held = io.BytesIO()
    small.save(held, "PNG", optimize=True)
    return held.getvalue()


def draw(names: list[str]) -> None:
    """Writes the pictures of these cases, or of all."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 2 * WIDTH, "height": 900})
        page.set_content("<body style='margin:0'></body>")
        page.add_script_tag(path=str(SCRIPT))
        for case in CASES:
            if not names or case.name in names:
                (PICTURES / f"{case.name}.png").write_bytes(picture(page, case))
        browser.close()


def text() -> str:
    """Returns the gallery page."""
    lines = [
        "# Gallery of figures",
        "",
        "Every figure, in the light and in the dark theme, drawn from the data of the",
        "tests by `python docs/make_gallery.py`. A figure takes a result of",
        "`dl_techniques.analysis` and computes nothing itself; several models are a",
        "dictionary of results by name.",
        "",
    ]
    room = ""
    for case in sorted(CASES, key=lambda c: ROOMS.index(_home(c))):
        home = _home(case)
        if home != room:
            room = home
            lines += [f"## {home.replace('_', ' ').capitalize()}", ""]
            lines += [f"`dl_techniques.visualization.{home}`", ""]
        first = (case.draw.__doc__ or "").splitlines()[0]
        options = "".join(f", {k}={v!r}" for k, v in case.options.items())
        lines += [f"### `{case.draw.__name__}(...{options})`", "", first, ""]
        lines += [f"![{case.name}](images/gallery/{case.name}.png)", ""]
    return "\n".join(lines)


def _home(case: Case) -> str:
    """Returns the public module of a figure."""
    name = case.draw.__name__
    for room in ROOMS:
        if hasattr(
            importlib.import_module(f"dl_techniques.visualization.{room}"), name
        ):
            return room
    raise LookupError(f"{name} has no public module")


if __name__ == "__main__":
    draw(sys.argv[1:])
    (ROOT / "docs" / "gallery.md").write_text(text(), encoding="utf-8")
    size = sum(f.stat().st_size for f in PICTURES.glob("*.png"))
    print(f"{len(CASES)} figures, {size / 1e6:.2f} MB of pictures")

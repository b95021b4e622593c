"""A newcomer's way through the app, in a real browser."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

POINTS = ".js-plotly-plot .scatterlayer .trace"
ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "images" / "live.png"


def has_points(tab):
    tab.wait_for_selector(POINTS)


def train_with_the_keyboard(tab):
    """Presses Ctrl+Enter once the button that listens to it is there."""
    tab.get_by_role("button", name="Train").wait_for()
    tab.get_by_text("parameters,").wait_for()
    tab.keyboard.press("Control+Enter")
    tab.wait_for_url("**/live?run=*")
    has_points(tab)


def link_to(name, epochs):
    """Returns the link of a recipe that trains for so many epochs."""
    from dl_techniques.recipes import examples, to_link

    recipe = next(e.recipe for e in examples() if e.slug == "digits-mlp")
    training = recipe.training.model_copy(update={"epochs": epochs})
    return to_link(recipe.model_copy(update={"name": name, "training": training}))


def test_one_click_trains(server, tab):
    tab.goto(server)
    tab.get_by_text("Digits with two dense layers", exact=True).wait_for()
    tab.get_by_role("button", name="Train").first.click()
    has_points(tab)
    tab.get_by_text("epoch 20 of 20").wait_for()
    assert "run=" in tab.url
    if os.environ.get("DLT_PICTURES"):
        tab.wait_for_timeout(2500)
        PICTURE.parent.mkdir(exist_ok=True)
        tab.screenshot(path=PICTURE)


def test_zoom_and_hidden_traces_survive_updates_and_other_views(server, tab):
    tab.goto(f"{server}/build?m={link_to('long', 2000)}")
    train_with_the_keyboard(tab)
    plot = tab.locator(".js-plotly-plot").first
    box = plot.locator(".nsewdrag").first.bounding_box()
    y = box["y"] + box["height"] / 2
    tab.mouse.move(box["x"] + box["width"] * 0.2, y)
    tab.mouse.down()
    tab.mouse.move(box["x"] + box["width"] * 0.6, y, steps=5)
    tab.mouse.up()
    plot.locator(".legendtoggle").first.click()
    tab.wait_for_timeout(800)
    state = """() => {
        const plot = document.querySelector('.js-plotly-plot');
        return [plot.dataset.mine, plot.layout.xaxis.range.map((v) => v.toFixed(4)),
                plot._fullData[0].visible, plot._fullData[0].x.length];
    }"""
    tab.evaluate(
        """() => {
        const plot = document.querySelector('.js-plotly-plot');
        plot.dataset.mine = 'yes';
        window.updates = 0;
        plot.on('plotly_afterplot', () => { window.updates += 1; });
    }"""
    )
    before = tab.evaluate(state)
    assert before[2] == "legendonly"
    tab.wait_for_function("() => window.updates >= 20")
    after = tab.evaluate(state)
    assert after[:3] == before[:3]
    assert after[3] > before[3]
    for view, figure in (("Weights", "Histogram of weights"), ("Overview", "Loss")):
        tab.get_by_role("radio", name=view, exact=True).click()
        tab.locator(f'[aria-label^="{figure}"] .main-svg').first.wait_for()
    tab.wait_for_timeout(1500)
    assert tab.evaluate(state)[:3] == before[:3]
    tab.get_by_role("button", name="Stop").click()
    tab.get_by_text("stopped").first.wait_for()


def test_link_of_a_run_shows_everything_from_the_start(server, tab):
    tab.goto(f"{server}/live")
    has_points(tab)
    first = tab.evaluate(
        "() => document.querySelector('.js-plotly-plot')._fullData[0].x[0]"
    )
    assert first == 1


def test_build_changes_a_layer_and_trains_with_the_keyboard(server, tab):
    tab.goto(f"{server}/build")
    tab.get_by_text("Take it home").wait_for()
    tab.get_by_text("parameters,").wait_for()
    tab.get_by_role("button", name="Dense").first.click()
    tab.get_by_role("button", name="delete").last.click()
    tab.get_by_text("4,810 parameters").wait_for()
    train_with_the_keyboard(tab)


def test_two_runs_are_compared(server, tab):
    tab.goto(f"{server}/compare")
    tab.get_by_text("What differs").wait_for()
    has_points(tab)
    tab.get_by_text("Values", exact=True).wait_for()


def test_exported_script_runs(server, tab, tmp_path):
    tab.goto(f"{server}/build?m={link_to('short', 2)}")
    with tab.expect_download() as found:
        tab.get_by_role("button", name="Download the script").click()
    script = tmp_path / "run.py"
    found.value.save_as(script)
    done = subprocess.run(
        [sys.executable, script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "accuracy" in done.stdout

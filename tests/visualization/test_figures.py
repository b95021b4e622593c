"""What every figure keeps to."""

import copy
import json
import re
import time
from itertools import chain

import numpy as np
import plotly.io as pio
import pytest
from plotly.colors import diverging, sequential

from dl_techniques.visualization.colors import NEUTRAL, PALETTE
from dl_techniques.visualization.tables import figure_table
from dl_techniques.visualization.theme import THEMES
from tests.visualization.cases import (
    BY_NAME,
    CASES,
    NO_AXES,
    PICTURES,
    WHOLE_NUMBERS,
    altered,
    arguments,
    figure,
)

NAMES = [c.name for c in CASES]
HARD = [(c.name, hard) for c in CASES for hard in c.hard]
SCALES = (sequential.Viridis, sequential.Cividis, diverging.RdBu)
KNOWN = {c.lower() for c in (*PALETTE, NEUTRAL, "#dddddd", *chain(*SCALES))}
LARGEST = 200_000


def words(fig):
    return [a.text for a in fig.layout.annotations]


def axis_titles(fig, letter):
    axes = [k for k in fig.layout.to_plotly_json() if k.startswith(f"{letter}axis")]
    return [t for t in (fig.layout[k].title.text for k in axes) if t]


@pytest.mark.parametrize("name", NAMES)
def test_title_axes_and_table_are_there(name):
    fig = figure(name)
    assert fig.data
    assert fig.layout.title.text
    if name not in (*NO_AXES, *PICTURES):
        assert axis_titles(fig, "x")
        assert axis_titles(fig, "y") or words(fig)
    assert len(figure_table(fig)) > 0


@pytest.mark.parametrize("name", NAMES)
def test_colours_are_those_of_the_palette(name):
    fig = figure(name)
    text = json.dumps([t.to_plotly_json() for t in fig.data], default=str)
    light = THEMES["light"]
    allowed = KNOWN | {light.text, light.axis, light.grid}
    assert {c.lower() for c in re.findall(r'"(#[0-9A-Fa-f]{6})"', text)} <= allowed


@pytest.mark.parametrize("name", NAMES)
def test_same_input_gives_the_same_figure_and_stays_as_it_was(name):
    args = arguments(name)
    before, template = copy.deepcopy(args), pio.templates.default
    assert figure(name).to_json() == figure(name).to_json()
    assert repr(before) == repr(args)
    assert pio.templates.default == template
    assert not figure(name).layout.template.data.to_plotly_json()


@pytest.mark.parametrize("name", NAMES)
def test_traces_have_lasting_names_that_plotly_can_select(name):
    ids = [t.uid for t in figure(name).data]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", i) for i in ids)


@pytest.mark.parametrize("theme", list(THEMES))
@pytest.mark.parametrize("name", NAMES)
def test_figures_wear_every_theme(name, theme):
    fig = figure(name, theme=theme, title="Mine", height=400)
    assert fig.layout.font.color == THEMES[theme].text
    assert fig.layout.paper_bgcolor == THEMES[theme].paper
    assert fig.layout.title.text.startswith("Mine")
    assert fig.layout.height == 400


@pytest.mark.parametrize("name", NAMES)
def test_size_is_bounded(name):
    assert len(figure(name).to_json()) <= LARGEST


@pytest.mark.parametrize(("name", "hard"), HARD)
def test_hard_cases_are_drawn_and_bounded(name, hard):
    fig = figure(name, hard)
    assert fig.data
    assert len(fig.to_json()) <= LARGEST


@pytest.mark.parametrize("name", [n for n in NAMES if n not in WHOLE_NUMBERS])
def test_nothing_is_said_in_words(name):
    fig = altered(name, lambda a: a[:0], lambda t: t[:0])
    assert not fig.data
    assert any(words(fig))
    assert fig.layout.xaxis.title.text
    assert fig.layout.yaxis.title.text


@pytest.mark.parametrize("name", NAMES)
def test_nan_is_never_drawn_as_a_number(name):
    def nan(a):
        return np.full(a.shape, np.nan) if a.dtype.kind == "f" else a

    fig = altered(name, nan, lambda t: t)
    json.loads(fig.to_json())
    if not fig.data:
        assert any(words(fig))


@pytest.mark.parametrize("name", NAMES)
def test_one_element_is_enough(name):
    fig = altered(name, lambda a: a[(slice(0, 1),) * a.ndim], lambda t: t[:1])
    json.loads(fig.to_json())


@pytest.mark.parametrize("name", [c.name for c in CASES if c.typed])
def test_wrong_types_are_named(name):
    with pytest.raises(TypeError, match="expected"):
        BY_NAME[name].draw(object())


@pytest.mark.parametrize("name", NAMES)
def test_names_are_escaped(name):
    text = figure(name).to_json()
    assert "<long>" not in text
    assert "<c>" not in text
    assert "a<b" not in text


@pytest.mark.parametrize("name", NAMES)
def test_building_is_quick(name):
    figure(name)
    best = 1.0
    for _ in range(3):
        start = time.process_time()
        figure(name)
        best = min(best, time.process_time() - start)
    assert best < 0.1  # 0.05 on an idle machine


@pytest.mark.parametrize(("theme", "page"), [("light", 255), ("dark", 16)])
def test_text_contrast(theme, page):
    def luminance(color):
        rgb = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb
        ]
        return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))

    paper = luminance(f"#{page:02x}{page:02x}{page:02x}")
    for color in (THEMES[theme].text, THEMES[theme].axis):
        lighter, darker = sorted((luminance(color), paper), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5

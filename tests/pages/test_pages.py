"""A page needs nothing else, is readable in light and dark, and shows text as text."""

from __future__ import annotations

import re

import pytest
from jinja2 import UndefinedError

from pages.plots import SERIES, draw
from pages.rendering import render


def line(figure):
    axes = figure.add_subplot(title="<script>")
    axes.plot([0, 1], [0, 1], label="a & b")
    axes.legend()


def test_the_same_figures_give_the_same_bytes_and_no_date():
    drawn = draw("line", "A line", line)
    assert drawn == draw("line", "A line", line)
    assert not re.search(r"<metadata|20\d\d-\d\d", drawn)


def test_a_plot_is_told_in_words():
    assert 'role="img" aria-label="Less &lt; more, &quot;so&quot;"' in draw("line", 'Less < more, "so"', line)


def test_a_plot_is_coloured_by_the_page():
    drawn = draw("line", "A line", line)
    assert {"var(--plot-1)", "var(--plot-2)"} <= set(re.findall(r"var\(--plot-\d\)", drawn))
    assert not re.search(r"(?:fill|stroke): ?#", drawn)


def test_every_colour_is_defined_in_light_and_in_dark():
    page = render("monitoring", "kpis.html", summary="", sections=[])
    for number in range(1, len(SERIES) + 2):
        assert len(re.findall(rf"--plot-{number}: #", page)) == 2


def test_plots_on_one_page_share_no_name():
    drawn = draw("one", "One", line) + draw("two", "Two", line)
    names = re.findall(r' id="([^"]+)"', drawn)
    assert names
    assert len(names) == len(set(names))
    assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', drawn)) <= set(names)


def test_a_page_loads_nothing():
    page = render("monitoring", "kpis.html", summary="", sections=[])
    assert not re.search(r"<script|<link|<img|src=|@import|url\(", page)


def test_text_is_text_in_html():
    assert "&lt;b&gt; &amp;" in render("monitoring", "kpis.html", summary="<b> &", sections=[])
    assert "&lt;script&gt;" in draw("line", "A line", line)


def test_what_a_template_needs_must_be_given():
    with pytest.raises(UndefinedError, match="'summary' is undefined"):
        render("monitoring", "kpis.html", sections=[])

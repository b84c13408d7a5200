"""The report is one page that opens anywhere and holds all that a training found."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser

import pytest

from trainer import report
from trainer.details import misclassified


@pytest.fixture(scope="module")
def page(data, evaluation, product):
    return report.write(data, evaluation, product, [])


class Reader(HTMLParser):
    """Collects the tags and the text of each table's cells."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.cells, self.names, self.in_cell = [], [], [], False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.names += [value for name, value in attributes if name == "id"]
        if tag in {"td", "th"}:
            self.cells.append("")
            self.in_cell = True

    def handle_endtag(self, tag):
        self.in_cell = self.in_cell and tag not in {"td", "th"}

    def handle_data(self, data):
        if self.in_cell:
            self.cells[-1] += data


def test_it_has_every_section(page):
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", page) == [
        "In short",
        "How good it is",
        "Whether its probabilities can be believed",
        "In order of arrival",
        "What it was chosen among",
        "The scorecard, to compute with by hand",
        "Samples that it got wrong",
        "Checks of the data",
        "Versions and digests",
    ]


def test_words_come_first(page):
    assert page.index("On patients that it had not seen it finds") < page.index("<table") < page.index("<svg")


def test_every_plot_is_told_in_words(page):
    plots = re.findall(r"<svg [^>]*>", page)
    assert len(plots) == 6
    assert all(re.search(r'role="img" aria-label="[^"]{20,}"', plot) for plot in plots)


def test_it_needs_nothing_else(page):
    assert not {"script", "link", "img", "iframe"} & set(Reader(page).tags)
    assert "http" not in page


def test_no_name_is_given_twice(page):
    names = Reader(page).names
    assert len(names) == len(set(names))


def test_the_same_training_gives_the_same_bytes(page, data, evaluation, product):
    assert report.write(data, evaluation, product, []) == page


def test_the_scorecard_is_there_to_the_last_entry(page, product):
    cells = [cell.strip() for cell in Reader(page).cells]
    for table in product.manifest.scorecard.tables.values():
        assert all(f"{entry:+.2f}" in cells for entry in table if entry is not None)


def test_wrong_samples_are_told_by_row(page, data, evaluation):
    errors = misclassified(data, evaluation.nested)
    for kind, rows in errors.items():
        [told] = re.findall(rf"<h3>{kind.capitalize()}: {len(rows)}</h3>\s*<p>(.*?)</p>", page)
        assert told == (", ".join(map(str, rows)) or "None.")


def test_it_names_no_patient(page, data):
    assert not set(re.findall(r"\b\d{5,}\b", re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL))) & set(data.patients)


def test_the_gate_that_is_closed_stands_on_top(page, data, evaluation, product):
    assert "quality gate" not in page
    closed = report.write(data, evaluation, product, ["brier_score is <0.04"])
    assert (
        closed.index("The quality gate is closed") < closed.index("brier_score is &lt;0.04") < closed.index("In short")
    )


def test_a_model_without_a_scorecard_says_why(data, evaluation, product):
    manifest = product.manifest.model_copy(update={"scorecard": None})
    page = report.write(data, evaluation, dataclasses.replace(product, manifest=manifest, not_additive="a forest"), [])
    assert "It is not additive, so that there is no scorecard: a forest." in page
    assert "to compute with by hand" not in page

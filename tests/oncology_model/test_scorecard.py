"""A scorecard is nine tables that people can read and add up, and never says what it cannot mean."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from oncology_model.datamodel import FEATURES
from oncology_model.grades import CODES, LOWEST_CODES, draw
from oncology_model.scorecard import LARGEST_LOG_ODDS, Scorecard, ScorecardScorer


def card(**tables: list[float | None]) -> Scorecard:
    """A scorecard whose log-odds rise by 0.1 a grade, where no other table is given."""
    rising = [None, *(grade / 10 for grade in range(1, CODES))]
    return Scorecard(
        intercept=-3, tables=dict.fromkeys(FEATURES, rising) | {"bare_nuclei": [0.0, *rising[1:]]} | tables
    )


codes_of_any_tumour = st.tuples(*(st.integers(lowest, 10) for lowest in LOWEST_CODES.tolist()))


@given(codes=codes_of_any_tumour)
def test_one_tumour_and_many_give_the_same_bits(codes: tuple[int, ...]):
    scorer = ScorecardScorer(card())
    assert scorer.probabilities(np.array([codes])).tolist() == [scorer.probability(codes)]
    assert scorer.contributions_of_many(np.array([codes])).tolist() == [scorer.contributions(codes)]


def test_a_scorecard_can_be_worked_out_by_hand():
    scorer = ScorecardScorer(card(bare_nuclei=[0.25, *range(1, CODES)]))
    codes = (1, 2, 3, 4, 5, 0, 7, 8, 9)
    assert scorer.contributions(codes) == [0.1, 0.2, 0.3, 0.4, 0.5, 0.25, 0.7, 0.8, 0.9]
    assert scorer.probability(codes) == pytest.approx(1 / (1 + math.exp(3 - 4.15)))


def test_a_monotone_scorecard_falls_nowhere():
    assert card().falls() == []


def test_what_falls_is_named_with_its_place_and_size():
    tables = {"mitoses": [None, 0, 1, 2, 1.5, 2, 3, 4, 5, 6, 5.75]}
    assert card(**tables).falls() == [
        "mitoses: from grade 3 to 4 the log-odds fall by 0.500",
        "mitoses: from grade 9 to 10 the log-odds fall by 0.250",
    ]


def test_a_missing_measurement_is_above_or_below_no_grade():
    assert card(bare_nuclei=[9, *range(1, CODES)]).falls() == []


def test_rounding_is_no_fall():
    assert card(mitoses=[None, *(1 - grade * 1e-12 for grade in range(1, CODES))]).falls() == []


@given(codes=codes_of_any_tumour)
def test_a_rising_grade_never_lowers_the_probability_of_a_monotone_scorecard(codes: tuple[int, ...]):
    scorer = ScorecardScorer(card())
    for place in range(len(FEATURES)):
        rising = [scorer.probability((*codes[:place], grade, *codes[place + 1 :])) for grade in range(1, CODES)]
        assert all(lower < higher for lower, higher in pairwise(rising))


def test_the_most_extreme_scorecard_overflows_nowhere():
    sure = [LARGEST_LOG_ODDS] * CODES
    tables = {feature: [None, *sure[1:]] for feature in FEATURES} | {"bare_nuclei": sure}
    malignant = ScorecardScorer(Scorecard(intercept=LARGEST_LOG_ODDS, tables=tables))
    negative = {feature: [entry and -entry for entry in table] for feature, table in tables.items()}
    benign = ScorecardScorer(Scorecard(intercept=-LARGEST_LOG_ODDS, tables=negative))
    for codes in draw(10, seed=3):
        assert malignant.probability(codes.tolist()) == 1
        assert 0 < benign.probability(codes.tolist()) < 1e-300


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"mitoses": [None, *range(1, 10)]}, "the table of mitoses must have an entry for each of its values"),
        ({"mitoses": list(range(CODES))}, "the table of mitoses must have"),
        ({"bare_nuclei": [None, *range(1, CODES)]}, "the table of bare_nuclei must have"),
        ({"mitoses": [None, math.nan, *range(2, CODES)]}, "finite number"),
        ({"mitoses": [None, LARGEST_LOG_ODDS + 1, *range(2, CODES)]}, "less than or equal to 70"),
        ({"age": [None, *range(1, CODES)]}, "the tables must be those of clump_thickness, "),
    ],
)
def test_incomplete_or_impossible_tables_are_no_scorecard(tables: dict[str, list[float | None]], message: str):
    with pytest.raises(ValidationError, match=message):
        card(**tables)

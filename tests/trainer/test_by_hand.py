"""With the printed scorecard and a pencil, a person gets what the service answers."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from oncology_model.datamodel import FEATURES
from oncology_model.grades import LOWEST_CODES
from oncology_model.scorecard import Scorecard, ScorecardScorer
from trainer.by_hand import EXAMPLE, MOST_ROUNDING, by_hand

THRESHOLD = 0.2
RISING = [None, *(math.log(grade) - 1 for grade in range(1, 11))]
CARD = Scorecard(intercept=-1.23456, tables=dict.fromkeys(FEATURES, RISING) | {"bare_nuclei": [-0.33333, *RISING[1:]]})
PRINTED = by_hand(CARD, THRESHOLD)


@given(st.tuples(*(st.integers(lowest, 10) for lowest in LOWEST_CODES.tolist())))
def test_the_sum_by_hand_is_the_log_odds_but_for_rounding(codes):
    looked_up = [PRINTED.rows[place][1 + code] for place, code in enumerate(codes)]
    total = float(PRINTED.intercept) + sum(map(float, looked_up))
    probability = ScorecardScorer(CARD).probability(codes)
    log_odds = math.log(probability / (1 - probability))
    assert abs(total - log_odds) <= MOST_ROUNDING + 1e-9
    if abs(total - float(PRINTED.threshold)) > MOST_ROUNDING + 0.01:
        assert (total >= float(PRINTED.threshold)) == (probability >= THRESHOLD)


def test_what_is_never_missing_has_no_entry_for_that():
    missing = {row[0]: row[1] for row in PRINTED.rows}
    assert missing.pop("bare nuclei") == "-0.33"
    assert set(missing.values()) == {""}


def test_the_example_adds_up():
    entries = [float(entry) for _, _, entry in PRINTED.example]
    assert float(PRINTED.total) == round(float(PRINTED.intercept) + sum(entries), 2)
    exact = ScorecardScorer(CARD).probability(EXAMPLE)
    assert math.isclose(float(PRINTED.probability.split()[0]) / 100, exact, rel_tol=MOST_ROUNDING)


def test_an_even_sum_means_even_odds():
    assert dict(PRINTED.probabilities)["0"] == "50 %"

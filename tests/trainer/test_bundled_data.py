"""The bundled file is what data/README.md says."""

from __future__ import annotations

import numpy as np

from trainer.evaluation import BUNDLED_ARRIVALS


def test_it_has_699_samples_of_which_241_are_malignant(data):
    assert (len(data.y), int(data.y.sum())) == (699, 241)


def test_only_bare_nuclei_are_ever_missing_and_that_in_16_samples(data):
    assert data.X.isna().sum().to_dict() == dict.fromkeys(data.X.columns, 0) | {"bare_nuclei": 16}


def test_54_samples_are_further_ones_of_patients_already_in_the_file(data):
    assert len(data.y) - len(np.unique(data.patients)) == 54


def test_the_arrival_groups_are_all_of_the_file(data):
    assert sum(BUNDLED_ARRIVALS) == len(data.y)

"""Scores files of any size: what ``oncology score`` does, on this machine or on a Dask cluster.

Needs the extra ``oncology-model[scale]``. A job is planned as parts (:mod:`~oncology_model.scoring.plan`), each a file
that becomes a file of the same form (:mod:`~oncology_model.scoring.parts`), here
(:mod:`~oncology_model.scoring.local`) or on workers (:mod:`~oncology_model.scoring.distributed`).
"""

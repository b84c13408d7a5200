"""The service: HTTP around :mod:`oncology_model`, which is where predictions are made."""

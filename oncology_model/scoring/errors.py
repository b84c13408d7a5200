"""What can keep files from being scored.

::

ScoringError
├── MissingExtraError   a package is not installed
└── ClusterError        a Dask cluster cannot be used
TableError              a file holds no tumours; becomes a ScoringError that names the file
"""


class ScoringError(Exception):
    """Files cannot be scored: the message says what is wrong, where and what to do, and nothing is half-done."""


class MissingExtraError(ScoringError):
    """The extra ``scale`` is not installed."""


class ClusterError(ScoringError):
    """A Dask cluster cannot be used."""


class TableError(ValueError):
    """A file holds no table of tumours: the message says all that is wrong with it, and quotes none of it."""

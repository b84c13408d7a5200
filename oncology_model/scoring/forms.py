"""The forms of a file, by its name: CSV, perhaps compressed, and Parquet."""

from __future__ import annotations

import gzip
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Final

import pyarrow as pa

if TYPE_CHECKING:
    from oncology_model.scoring.csv_blocks import Stream

_PARQUET: Final = ".parquet"
_CSV: Final = ".csv"
_COMPRESSIONS: Final = {".gz": "gzip", ".zst": "zstd"}

# The usual one; pyarrow would take the slowest.
_GZIP_LEVEL: Final = 6

NAMES: Final = ", ".join((_PARQUET, _CSV, *(_CSV + suffix for suffix in _COMPRESSIONS)))


def is_table(name: str) -> bool:
    """Whether a file of this name can be scored."""
    return is_parquet(name) or name.removesuffix(_compression(name)).endswith(_CSV)


def is_parquet(name: str) -> bool:
    """Whether a file of this name is Parquet."""
    return name.endswith(_PARQUET)


def rejects_of(name: str) -> str:
    """Where the rejects of a single file go by default: beside it, in its form."""
    suffix = _PARQUET if is_parquet(name) else _CSV + _compression(name)
    return f"{name.removesuffix(suffix)}.rejects{suffix}"


def decompressed(file: BinaryIO, name: str) -> Stream:
    """The content of a file."""
    compression = _compression(name)
    return pa.CompressedInputStream(pa.PythonFile(file), _COMPRESSIONS[compression]) if compression else file


def compressed(content: bytes | pa.Buffer, name: str) -> bytes | pa.Buffer:
    """A piece of a file's content, as it stands in the file: pieces one after the other are a whole file too."""
    match _compression(name):
        case ".gz":
            return gzip.compress(content, _GZIP_LEVEL, mtime=0)
        case ".zst":
            return pa.compress(content, "zstd")
    return content


def _compression(name: str) -> str:
    suffix = PurePosixPath(name).suffix
    return suffix if suffix in _COMPRESSIONS else ""

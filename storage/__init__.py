"""Reads and writes files by path or by URL, such as ``s3://bucket/key``, whole or not at all."""

from storage.artifacts import read_artifact, upload_artifact, write_artifact
from storage.files import StorageError, create, find, read, write

__all__ = ["StorageError", "create", "find", "read", "read_artifact", "upload_artifact", "write", "write_artifact"]

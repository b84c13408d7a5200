"""Single files, by path or URL, and one line for people for whatever can go wrong with them."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import fsspec
from botocore.exceptions import BotoCoreError, ClientError

from oncology_model.artifact import sha256
from oncology_model.whole_file import replace_file

if TYPE_CHECKING:
    from collections.abc import Iterator

_EXISTS: Final = "it exists already and is never overwritten: choose another version"
_MISSING: Final = "No such file or directory"
_EXPIRED: Final = "the AWS credentials have expired: log in again, such as with `aws sso login`"
_UNKNOWN: Final = "AWS does not accept these credentials: correct the profile, or the keys in the environment"
_REGION: Final = "the bucket is in another region: set AWS_DEFAULT_REGION to the bucket's"
_DENIED: Final = (
    "permission is denied: these AWS credentials may not do this here, or the bucket is someone else's; "
    "correct its name, or ask for the permission"
)
_UNREACHABLE: Final = "the storage cannot be reached: check the network, AWS_ENDPOINT_URL and AWS_DEFAULT_REGION"

# By S3's error code, https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, or the exception's name.
_REASONS: Final = {
    "403": _DENIED,
    "AccessDenied": _DENIED,
    "AuthorizationHeaderMalformed": _REGION,
    "ConnectTimeoutError": _UNREACHABLE,
    "EndpointConnectionError": _UNREACHABLE,
    "ExpiredToken": _EXPIRED,
    "FileExistsError": _EXISTS,
    "FileNotFoundError": _MISSING,
    "IllegalLocationConstraintException": _REGION,
    "InvalidAccessKeyId": _UNKNOWN,
    "InvalidToken": _UNKNOWN,
    "NoCredentialsError": "there are no AWS credentials: set AWS_PROFILE, or log in, such as with `aws sso login`",
    "NoSuchKey": _MISSING,
    "NoSuchBucket": "there is no such bucket: correct its name, or make it with `make storage`",
    "PermanentRedirect": _REGION,
    "PreconditionFailed": _EXISTS,
    "PermissionError": "permission is denied",
    "SignatureDoesNotMatch": _UNKNOWN,
    "TokenRetrievalError": _EXPIRED,
    "UnauthorizedSSOTokenError": _EXPIRED,
}


class StorageError(Exception):
    """Something could not be read or written: the message says what, why, and what to do."""


def read(location: str) -> bytes:
    """The content of a file.

    Raises:
        StorageError: there is none, or it cannot be read.
    """
    with translated(location):
        filesystem, path = open_filesystem(location)
        content: bytes = filesystem.cat_file(path)
        return content


def write(location: str, content: bytes, *, overwrite: bool = True) -> None:
    """Write a file whole or not at all; object stores keep its SHA-256 with it, as metadata.

    Raises:
        StorageError: it cannot be written, or it exists and must not be overwritten.
    """
    with translated(location):
        filesystem, path = open_filesystem(location)
        if "file" in filesystem.protocol:
            _write_local(Path(path), content, overwrite=overwrite)
            return
        if not overwrite:
            _refuse_existing(filesystem, path)
        mode = "overwrite" if overwrite else "create"
        filesystem.pipe_file(path, content, mode=mode, Metadata={"sha256": sha256(content)})


def _refuse_existing(filesystem: Any, path: str) -> None:  # noqa: ANN401 - fsspec has no types
    # A store that does not know conditional writes would overwrite, so that it is asked first.
    with suppress(FileNotFoundError):
        filesystem.cat_file(path)
        raise FileExistsError


def _write_local(path: Path, content: bytes, *, overwrite: bool) -> None:
    if not overwrite and path.exists():
        raise FileExistsError
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, content)


def create(location: str, content: bytes) -> None:
    """Write a file that must not exist yet.

    Raises:
        StorageError: it exists, or it cannot be written.
    """
    write(location, content, overwrite=False)


def find(location: str) -> list[str]:
    """All files in a folder and the folders in it, by path or URL, sorted; none if there is no such folder.

    Raises:
        StorageError: there is no such bucket, or it cannot be listed.
    """
    with translated(location):
        filesystem, path = open_filesystem(location)
        filesystem.invalidate_cache()
        return [filesystem.unstrip_protocol(name) for name in sorted(filesystem.find(path))]


def is_url(location: str) -> bool:
    """Whether this is no path on this machine."""
    return "://" in location


def open_filesystem(location: str) -> tuple[Any, str]:
    """The file system of a path or URL, and the path in it."""
    # Of more than one connection, S3 is first asked for the size, and that answer does not say why it is a refusal.
    opened: tuple[Any, str] = fsspec.url_to_fs(location, max_concurrency=1)
    return opened


@contextmanager
def translated(location: str) -> Iterator[None]:
    """Turn what goes wrong with ``location`` into a :class:`StorageError`."""
    try:
        yield
    except (BotoCoreError, ClientError, ImportError, OSError, RuntimeError, ValueError) as error:
        raise StorageError(f"{location}: {_reason(error)}") from error


def _reason(error: BaseException) -> str:
    cause = error.__cause__ or error
    response = getattr(cause, "response", None)
    code = response["Error"]["Code"] if response else type(cause).__name__
    if "are still expired" in str(error):  # botocore has no class of its own for these
        return _EXPIRED
    return _REASONS.get(code) or getattr(error, "strerror", None) or " ".join(str(error).split())

"""Files by path and by URL, and what a person reads when one cannot be had."""

from __future__ import annotations

import http.server
import threading
from typing import TYPE_CHECKING

import fsspec
import pytest

import storage
from oncology_model.artifact import sha256
from storage import StorageError
from tests import servers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["path", "url"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path) if request.param == "path" else request.getfixturevalue("bucket")


def test_what_was_written_is_read_again(place: str) -> None:
    storage.write(f"{place}/folder/file", b"first")
    storage.write(f"{place}/folder/file", b"second")
    assert storage.read(f"{place}/folder/file") == b"second"


def test_what_was_created_is_never_overwritten(place: str) -> None:
    storage.create(f"{place}/record", b"first")
    with pytest.raises(StorageError, match=r"/record: it exists already and is never overwritten: choose another"):
        storage.create(f"{place}/record", b"second")
    assert storage.read(f"{place}/record") == b"first"


def test_files_are_found_in_order_and_a_folder_that_is_not_there_is_empty(place: str) -> None:
    storage.write(f"{place}/a/2", b"")
    storage.write(f"{place}/a/1", b"")
    assert [location.removeprefix("file://") for location in storage.find(f"{place}/a")] == [
        f"{place}/a/1",
        f"{place}/a/2",
    ]
    assert storage.find(f"{place}/b") == []


def test_an_object_carries_the_digest_of_its_content(bucket: str) -> None:
    storage.write(f"{bucket}/file", b"content")
    filesystem, path = fsspec.url_to_fs(f"{bucket}/file")
    assert filesystem.metadata(path) == {"sha256": sha256(b"content")}


def test_a_missing_file_is_one_line(place: str) -> None:
    with pytest.raises(StorageError, match=r"^.*/missing: No such file or directory$"):
        storage.read(f"{place}/missing")


@pytest.mark.usefixtures("aws")
def test_a_missing_bucket_is_told_from_a_missing_file() -> None:
    for attempt in (storage.read, storage.find, lambda url: storage.write(url, b"")):
        with pytest.raises(StorageError, match=r"^s3://nowhere/file: there is no such bucket: correct its name"):
            attempt("s3://nowhere/file")


def test_an_unknown_kind_of_storage_is_one_line() -> None:
    with pytest.raises(StorageError, match=r"^carrier-pigeon://file: Protocol not known"):
        storage.read("carrier-pigeon://file")


def test_no_credentials(aws: pytest.MonkeyPatch) -> None:
    aws.delenv("AWS_ACCESS_KEY_ID")
    aws.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(StorageError, match=r"^s3://b/k: there are no AWS credentials: set AWS_PROFILE, or log in"):
        storage.read("s3://b/k")


def test_expired_credentials_of_a_profile(aws: pytest.MonkeyPatch, tmp_path: Path) -> None:
    credentials = '{"Version":1,"AccessKeyId":"a","SecretAccessKey":"b","Expiration":"2020-01-01T00:00:00Z"}'
    (tmp_path / "credentials").write_text(credentials)
    (tmp_path / "config").write_text(f"[profile old]\ncredential_process = cat {tmp_path}/credentials\n")
    aws.delenv("AWS_ACCESS_KEY_ID")
    aws.delenv("AWS_SECRET_ACCESS_KEY")
    aws.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    aws.setenv("AWS_PROFILE", "old")
    with pytest.raises(StorageError, match=r"^s3://b/k: the AWS credentials have expired: log in again"):
        storage.read("s3://b/k")


def test_a_profile_that_is_not_there(aws: pytest.MonkeyPatch) -> None:
    aws.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(StorageError, match=r"^s3://b/k: The config profile \(nobody\) could not be found$"):
        storage.read("s3://b/k")


def test_keys_that_the_server_does_not_know(aws: pytest.MonkeyPatch, bucket: str) -> None:
    aws.setenv("AWS_SECRET_ACCESS_KEY", "another")
    with pytest.raises(StorageError, match=r"AWS does not accept these credentials: correct the profile, or the keys"):
        storage.read(f"{bucket}/file")


def test_an_unreachable_endpoint(aws: pytest.MonkeyPatch) -> None:
    aws.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{servers.free_port()}")
    aws.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(StorageError, match=r"^s3://b/k: the storage cannot be reached: check the network"):
        storage.read("s3://b/k")


@pytest.fixture
def refusal() -> Iterator[http.server.HTTPServer]:
    """Answers as S3 documents it, where no emulator does: set ``code`` and ``status``."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, code = self.server.answer  # type: ignore[attr-defined]
            body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>as S3 says</Message></Error>".encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_PUT = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (400, "ExpiredToken", "the AWS credentials have expired: log in again"),
        (403, "AccessDenied", "permission is denied: .* or the bucket is someone else's; correct its name, or ask"),
        (400, "AuthorizationHeaderMalformed", "the bucket is in another region: set AWS_DEFAULT_REGION"),
        (403, "InvalidAccessKeyId", "AWS does not accept these credentials"),
    ],
)
def test_what_s3_refuses(
    aws: pytest.MonkeyPatch, refusal: http.server.HTTPServer, status: int, code: str, reason: str
) -> None:
    aws.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{refusal.server_port}")
    refusal.answer = status, code  # type: ignore[attr-defined]
    for attempt in (storage.read, lambda url: storage.write(url, b""), lambda url: storage.create(url, b"")):
        with pytest.raises(StorageError, match=rf"^s3://bucket/key: {reason}"):
            attempt("s3://bucket/key")

"""Keys: who gets in with which, and what a file of them must be."""

from __future__ import annotations

import hashlib
import logging
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from webservice import keys as keys_module
from webservice.keys import Keys
from webservice.settings import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

KEY, OTHER_KEY = "a-key-of-clinic-a", "a-key-of-clinic-b"


def line(name: str, key: str) -> str:
    return f"{name}:{hashlib.sha256(key.encode()).hexdigest()}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.write_text(f"# who may come in\n\n{line('clinic-a', KEY)}{line('clinic-b', OTHER_KEY)}")
    return path


@pytest.fixture
def looking_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_module, "_SECONDS_BETWEEN_LOOKS", 0)


def name_of(keys: Keys, **environ: str) -> str:
    return keys.name_of(environ)


def test_a_key_is_known_by_its_name_however_it_is_sent(file: Path) -> None:
    keys = Keys(file)
    assert name_of(keys, HTTP_X_API_KEY=KEY) == "clinic-a"
    assert name_of(keys, HTTP_AUTHORIZATION=f"Bearer {OTHER_KEY}") == "clinic-b"
    assert name_of(keys, HTTP_AUTHORIZATION=f"bearer  {OTHER_KEY}") == "clinic-b"


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"HTTP_X_API_KEY": ""},
        {"HTTP_X_API_KEY": KEY[:-1]},
        {"HTTP_X_API_KEY": KEY + " "},
        {"HTTP_X_API_KEY": hashlib.sha256(KEY.encode()).hexdigest()},
        {"HTTP_X_API_KEY": "wrong", "HTTP_AUTHORIZATION": f"Bearer {KEY}"},
        {"HTTP_AUTHORIZATION": KEY},
        {"HTTP_AUTHORIZATION": f"Basic {KEY}"},
        {"HTTP_AUTHORIZATION": "Bearer"},
        {"HTTP_X_API_KEY": "\N{SNOWMAN}"},
        {"HTTP_X_API_KEY": "ä"},
    ],
)
def test_anything_else_is_no_key(file: Path, sent: dict[str, str]) -> None:
    assert name_of(Keys(file), **sent) == ""


def test_a_key_may_have_any_characters(file: Path) -> None:
    file.write_text(line("clinic-c", "schlüssel"), encoding="utf-8")
    assert name_of(Keys(file), HTTP_X_API_KEY="schlüssel".encode().decode("latin-1")) == "clinic-c"


def test_one_name_may_have_two_keys_while_they_are_changed(file: Path) -> None:
    file.write_text(line("clinic-a", KEY) + line("clinic-a", OTHER_KEY))
    assert {name_of(Keys(file), HTTP_X_API_KEY=key) for key in (KEY, OTHER_KEY)} == {"clinic-a"}


def test_every_known_key_is_compared(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def compare(known: bytes, given: bytes) -> bool:
        compared.append(known)
        return known == given

    monkeypatch.setattr(keys_module.hmac, "compare_digest", compare)
    assert name_of(Keys(file), HTTP_X_API_KEY=KEY) == "clinic-a"
    assert compared == [hashlib.sha256(key.encode()).digest() for key in (KEY, OTHER_KEY)]


@pytest.mark.usefixtures("looking_always")
def test_a_changed_file_is_read_anew(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    keys = Keys(file)
    file.write_text(line("clinic-b", OTHER_KEY))
    with caplog.at_level(logging.INFO):
        assert name_of(keys, HTTP_X_API_KEY=KEY) == ""
    assert name_of(keys, HTTP_X_API_KEY=OTHER_KEY) == "clinic-b"
    assert caplog.messages == ["The keys have changed: valid are now those of clinic-b"]


@pytest.mark.usefixtures("looking_always")
def test_a_secret_that_kubernetes_swaps_is_read_anew(tmp_path: Path) -> None:
    for version, key in (("..1", KEY), ("..2", OTHER_KEY)):
        (tmp_path / version).mkdir()
        (tmp_path / version / "keys").write_text(line("clinic-a", key))
    data, file = tmp_path / "..data", tmp_path / "keys"
    data.symlink_to("..1")
    file.symlink_to("..data/keys")
    keys = Keys(file)
    assert name_of(keys, HTTP_X_API_KEY=KEY) == "clinic-a"
    (tmp_path / "..new").symlink_to("..2")
    (tmp_path / "..new").rename(data)
    assert name_of(keys, HTTP_X_API_KEY=KEY) == ""
    assert name_of(keys, HTTP_X_API_KEY=OTHER_KEY) == "clinic-a"


@pytest.mark.usefixtures("looking_always")
@pytest.mark.parametrize("content", ["clinic-a", "", None], ids=["broken", "empty", "gone"])
def test_a_file_that_breaks_leaves_the_keys_as_they_are_and_is_told_once(
    file: Path, content: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    keys = Keys(file)
    file.unlink() if content is None else file.write_text(content)
    for _ in range(3):
        assert name_of(keys, HTTP_X_API_KEY=KEY) == "clinic-a"
    (message,) = caplog.messages
    assert str(file) in message
    assert message.endswith(": the keys that were there before stay valid")
    file.write_text(line("clinic-b", OTHER_KEY))
    assert name_of(keys, HTTP_X_API_KEY=KEY) == ""


def test_the_file_is_not_looked_at_for_every_request(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = Keys(file)
    monkeypatch.setattr(keys_module, "_SECONDS_BETWEEN_LOOKS", 3600)
    name_of(keys, HTTP_X_API_KEY=KEY)
    keys._next_look = float("inf")
    file.unlink()
    assert name_of(keys, HTTP_X_API_KEY=KEY) == "clinic-a"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "has no key: `make key` makes one"),
        (b"# nobody\n", "has no key: `make key` makes one"),
        (b"the-key-itself\n", "line 1 of {file} is not name:sha256, as `make key` prints it"),
        (b"\nclinic a:" + b"a" * 64, "line 2 of {file} is not name:sha256, as `make key` prints it"),
        (b"clinic-a:" + b"a" * 63, "line 1 of {file} is not name:sha256, as `make key` prints it"),
        (b"a:%b\nb:%b" % (b"a" * 64, b"A" * 64), "line 2 of {file} has the key of a line before it"),
        (b"\xff\xfe", "the keys in {file} cannot be read (it is no text)"),
    ],
)
def test_a_file_that_is_none_of_keys_is_refused_without_telling_what_is_in_it(
    file: Path, content: bytes, reason: str
) -> None:
    file.write_bytes(content)
    with pytest.raises(SettingsError) as raised:
        Keys(file)
    assert str(raised.value).endswith(reason.format(file=file))
    assert "the-key-itself" not in str(raised.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"the keys in .*absent cannot be read \(No such file or directory\)"):
        Keys(tmp_path / "absent")


def test_a_key_that_is_made_opens_by_the_line_that_is_made(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "webservice.keys", "clinic-a"]
    first, second = (subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(2))
    assert first.stdout != second.stdout
    file = tmp_path / "keys"
    file.write_text(first.stdout)
    key = first.stderr.splitlines()[1]
    assert len(key) == 43
    assert name_of(Keys(file), HTTP_X_API_KEY=key) == "clinic-a"
    assert key not in first.stdout


def test_a_name_that_metrics_cannot_tell_is_refused() -> None:
    refusal = subprocess.run(
        [sys.executable, "-m", "webservice.keys", "clinic a"], capture_output=True, text=True, check=False
    )
    assert (refusal.returncode, refusal.stdout) == (2, "")
    assert "a name has 1 to 64 letters" in refusal.stderr

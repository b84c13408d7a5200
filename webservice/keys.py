"""The keys that open the service: names and SHA-256 digests, in a file that may be replaced at any time."""

from __future__ import annotations

import argparse
import hashlib
import hmac
import logging
import re
import secrets
import sys
import time
from typing import TYPE_CHECKING, Final

from webservice.settings import SettingsError

if TYPE_CHECKING:
    from pathlib import Path
    from wsgiref.types import WSGIEnvironment

# Names are labels of metrics and stand in the log.
_NAME: Final = r"[A-Za-z0-9._-]{1,64}"
_LINE: Final = re.compile(rf"(?P<name>{_NAME}):(?P<digest>[0-9a-fA-F]{{64}})", re.ASCII)

_KEY_BYTES: Final = 32  # nobody guesses that, so that a plain digest tells nothing of it
_SECONDS_BETWEEN_LOOKS: Final = 1
_BEARER: Final = "bearer "

_log = logging.getLogger(__name__)


class Keys:
    """The keys in a file of lines ``name:sha256``; empty lines and those that begin with # say nothing.

    The file is read anew when it has changed. Kubernetes changes a mounted Secret by pointing a link elsewhere.

    Args:
        path: of the file.

    Raises:
        SettingsError: the file cannot be read, or is no such file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._state = _state(path)
        self._known = _read(path)
        self._next_look = time.monotonic() + _SECONDS_BETWEEN_LOOKS

    def name_of(self, environ: WSGIEnvironment) -> str:
        """The name of the key that a request carries; empty where it carries none that is known."""
        if time.monotonic() >= self._next_look:
            self._look()
        given = environ.get("HTTP_X_API_KEY") or _bearer(environ.get("HTTP_AUTHORIZATION", ""))
        if not given:
            return ""
        # Digests have one length, and all are compared: how long this takes tells nothing of any key.
        digest = hashlib.sha256(given.encode("latin-1", "replace")).digest()
        found = ""
        for known, name in self._known:
            if hmac.compare_digest(known, digest):
                found = name
        return found

    def _look(self) -> None:
        # Without a lock: threads that look at the same time read the same, or find out at their next look.
        self._next_look = time.monotonic() + _SECONDS_BETWEEN_LOOKS
        state = _state(self._path)
        if state == self._state:
            return
        self._state = state
        try:
            self._known = _read(self._path)
        except SettingsError as error:
            _log.error("%s: the keys that were there before stay valid", error)
        else:
            _log.info("The keys have changed: valid are now those of %s", ", ".join(name for _, name in self._known))


def _bearer(authorization: str) -> str:
    return authorization[len(_BEARER) :].strip() if authorization[: len(_BEARER)].lower() == _BEARER else ""


def _state(path: Path) -> tuple[int, ...] | None:
    """What is another when the file is another; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size


def _read(path: Path) -> tuple[tuple[bytes, str], ...]:
    """Digests with their names."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise SettingsError(f"the keys in {path} cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"the keys in {path} cannot be read (it is no text)") from error
    names: dict[bytes, str] = {}
    for number, line in enumerate(map(str.strip, lines), start=1):
        if not line or line.startswith("#"):
            continue
        if not (match := _LINE.fullmatch(line)):
            # The line is not quoted: it may be a key.
            raise SettingsError(f"line {number} of {path} is not name:sha256, as `make key` prints it")
        digest = bytes.fromhex(match["digest"])
        if digest in names:
            raise SettingsError(f"line {number} of {path} has the key of a line before it")
        names[digest] = match["name"]
    if not names:
        raise SettingsError(f"{path} has no key: `make key` makes one")
    return tuple(names.items())


def main() -> None:
    """Make a key: the line for the file goes to standard output, the key itself, this once, to standard error."""
    parser = argparse.ArgumentParser(prog="python -m webservice.keys", description=main.__doc__)
    parser.add_argument("name", help="whose key it is; told in metrics and log")
    name = parser.parse_args().name
    if not re.fullmatch(_NAME, name, re.ASCII):
        parser.error("a name has 1 to 64 letters, digits, dots, hyphens and underscores")
    key = secrets.token_urlsafe(_KEY_BYTES)
    print(f"The key of {name}, which is told this once:\n{key}\nThe line for ONCOLOGY_API_KEYS_FILE:", file=sys.stderr)
    print(f"{name}:{hashlib.sha256(key.encode()).hexdigest()}")


if __name__ == "__main__":
    main()

"""When a request is whole, however it comes in parts."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webservice.incoming import Incoming

MOST = 1000
HEAD = b"POST /predict HTTP/1.1\r\nHost: localhost\r\n"

REQUESTS = {
    "without a body": b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "of known length": HEAD + b"content-length: 4\r\n\r\n{\r\n\r",
    "of a length with zeros before it": HEAD + b"Content-Length: 0000000000000000000004\r\n\r\n{\r\n\r",
    "of no length": HEAD + b"Content-Length: 0\r\n\r\n",
    "in a coding that is refused": HEAD + b"Transfer-Encoding: gzip\r\n\r\n",
    "in chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n\r\n0\r\n\r\n1 ;note=0\r\n}\r\n0\r\n\r\n",
    "in a chunk with zeros before its size": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n00000000000000000004\r\n{\r\n\r\r\n0\r\n\r\n",
    "with a trailer": HEAD + b"transfer-encoding: chunked\r\n\r\nA;a=b\r\n0123456789\r\n0\r\nDigest: none\r\n\r\n",
}
each = pytest.mark.parametrize("request_bytes", REQUESTS.values(), ids=REQUESTS)


def parts(request_bytes: bytes, cuts: set[int]) -> list[bytes]:
    places = [0, *sorted(cut % len(request_bytes) for cut in cuts), len(request_bytes)]
    return [request_bytes[start:stop] for start, stop in itertools.pairwise(places) if stop > start]


@each
@given(cuts=st.sets(st.integers(1, 200)))
def test_it_is_whole_with_its_last_byte_and_not_before(request_bytes: bytes, cuts: set[int]) -> None:
    incoming = Incoming(MOST)
    *first, last = parts(request_bytes, cuts)
    assert not any(incoming.add(part) for part in first)
    assert not incoming.complete
    assert incoming.add(last)
    assert incoming.complete
    assert incoming.received == request_bytes


@pytest.mark.parametrize(
    "request_bytes",
    [
        HEAD + b"Content-Length: 1001\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nFFFF\r\n" + b"x" * 1001,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1" * 20000,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"a: b\r\n" * 20000,
        HEAD + b"X: " + b"y" * 70000,
    ],
    ids=["too long", "too much", "a wrong size", "a size without end", "trailers without end", "a head without end"],
)
def test_what_will_be_refused_is_not_waited_for(request_bytes: bytes) -> None:
    incoming = Incoming(MOST)
    assert incoming.add(request_bytes)
    assert not incoming.complete


@pytest.mark.parametrize("expect", [b"Expect: 100-continue\r\n", b"EXPECT:100-Continue \r\n"])
def test_a_client_that_waits_to_be_told_is_told_once(expect: bytes) -> None:
    incoming = Incoming(MOST)
    assert not incoming.add(HEAD + expect + b"Content-Length: 2\r\n\r\n")
    assert incoming.expects
    assert incoming.add(b"{}")
    assert incoming.received == HEAD + b"Content-Length: 2\r\n\r\n{}"


def test_a_client_too_old_to_wait_is_not_told() -> None:
    incoming = Incoming(MOST)
    assert not incoming.add(HEAD.replace(b"1.1", b"1.0") + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert not incoming.expects


@given(st.lists(st.binary(max_size=50), max_size=10))
def test_whatever_comes_is_kept_as_it_came(data: list[bytes]) -> None:
    incoming = Incoming(MOST)
    for part in data:
        incoming.add(part)
    assert incoming.expects or incoming.received == b"".join(data)

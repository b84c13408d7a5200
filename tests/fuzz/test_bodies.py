"""Bodies made up by a fuzzer that sees which code they reach: the designed errors or none.

``make test.fuzz`` (FUZZ_SECONDS=20).
"""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from oncology_model import FEATURES
from webservice.documentation import EXAMPLE_BODY

pytestmark = pytest.mark.fuzz

SECONDS = int(os.environ.get("FUZZ_SECONDS") or 20)
TUMOR = json.dumps(EXAMPLE_BODY).encode()
TABLE = f"{','.join(FEATURES)}\n4,1,1,1,2,?,3,1,1\n".encode()


def test_no_body_makes_its_reader_raise_what_was_not_designed(artifact_directory: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, body in enumerate([TUMOR, b"[%b]" % TUMOR, TABLE, gzip.compress(TABLE)]):
        (corpus / str(number)).write_bytes(body)
    options = [f"-max_total_time={SECONDS}", "-max_len=4096", f"-artifact_prefix={tmp_path}/"]
    fuzzer = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.bodies", artifact_directory, *options, corpus],
        capture_output=True,
        text=True,
        check=False,
    )
    assert fuzzer.returncode == 0, fuzzer.stderr[-4000:]
    done = re.search(r"Done (\d+) runs", fuzzer.stderr)
    assert done, fuzzer.stderr[-4000:]
    print(f"\n{done[0]} in {SECONDS} s, of which {len(list(corpus.iterdir())) - 4} reached code that was new")
    assert int(done[1]) > len(FEATURES)

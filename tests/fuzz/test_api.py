"""Thousands of requests made up from the service's own document: no failure of ours, no answer that it does not tell.

``make test.fuzz``.
"""

from __future__ import annotations

import collections
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from webservice.app import create_app
from webservice.settings import Settings

pytestmark = pytest.mark.fuzz

# Of each kind of request. Where nothing can be varied, schemathesis knows that few are enough.
CASES = 1200

# Not that all valid data are accepted: JSON Schema takes 6.0 to be an integer, and a grade is not written like that.
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


def test_every_answer_is_one_that_the_document_tells_of(artifact_directory: Path) -> None:
    schema = schemathesis.openapi.from_wsgi("/openapi.json", create_app(Settings(model_dir=artifact_directory)))
    answers: collections.Counter[str] = collections.Counter()

    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=CASES,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def check(case: schemathesis.Case) -> None:
            response = case.call_and_validate(checks=CHECKS, headers={"Accept-Encoding": "identity"})
            answers[f"{case.method} {case.path} {response.status_code}"] += 1

        check()
    print(f"\n{answers.total()} requests: {dict(answers)}")
    assert answers.total() >= 2000

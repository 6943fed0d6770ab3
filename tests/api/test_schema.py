"""Requests made up from the OpenAPI document, against a real server: answers are as described, refusals have codes."""

from __future__ import annotations

import json
import re
from importlib.util import find_spec
from typing import Any

import pytest

from pages._routes.v1.operation import BASE
from pages._routes.v1.routes import TABLE
from tests.api.conftest import Served
from tests.examples import examples

if find_spec("schemathesis") is None:
    pytest.skip(
        "schemathesis is not installed: no requests were made up from docs/openapi.json (tests/api/requirements.txt)",
        allow_module_level=True,
    )

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import positive_data_acceptance

OPERATIONS = [(op.method, f"/{BASE}" + re.sub(r":\w+}", "}", op.path)) for op in TABLE]


@pytest.fixture(scope="module")
def described(served: Served) -> Any:
    headers = {"Authorization": f"Bearer {served.token}"}
    return schemathesis.openapi.from_url(f"{served.url}/api/v1/openapi.json", headers=headers)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.name.lower())
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_answers_are_as_the_document_says(
    described: Any, served: Served, method: str, path: str, mode: GenerationMode
) -> None:
    """What a text may name (a class, a cursor, a name that can be seen) the workspace knows, not the document: what
    fits it may still be refused, with a code."""

    @given(case=described[path][method].as_strategy(generation_mode=mode))
    @settings(
        max_examples=examples(20), deadline=None, derandomize=True, database=None,
        phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def asked(case: Any) -> None:
        headers = {"Authorization": f"Bearer {served.token}"}
        answer = case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])
        assert answer.status_code != 429
        if answer.status_code >= 400:
            assert answer.json()["code"]

    asked()


def test_an_answer_that_is_not_as_described_would_be_found(described: Any, served: Served) -> None:
    told = json.loads(json.dumps(described.raw_schema))
    told["components"]["schemas"]["Status"]["properties"]["version"] = {"type": "integer"}
    told["servers"] = [{"url": served.url}]
    case = schemathesis.openapi.from_dict(told)["/api/v1/status"]["GET"].Case()
    with pytest.raises(FailureGroup, match="schema"):
        case.call_and_validate(base_url=served.url, headers={"Authorization": f"Bearer {served.token}"})

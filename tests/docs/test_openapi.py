"""docs/openapi.json is what the routes' table says; `python -m tests.docs.test_openapi` writes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator

from pages._routes.v1.document import document
from pages._routes.v1.routes import TABLE

FILE: Final = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"


def written() -> str:
    return json.dumps(document(TABLE), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def test_the_document_is_current() -> None:
    assert FILE.read_text("utf-8") == written(), "python -m tests.docs.test_openapi"


def test_each_schema_is_one_and_each_reference_leads_somewhere() -> None:
    told = json.loads(FILE.read_text("utf-8"))
    schemas = told["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    found = set(references(told))
    assert found == {f"#/components/schemas/{name}" for name in schemas}


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [one for inner in value.values() for one in references(inner)]
    return [one for inner in value for one in references(inner)] if isinstance(value, list) else []


if __name__ == "__main__":
    FILE.write_text(written(), "utf-8")

"""GET /api/handover and /api/handover.csv: what a person did, took back and leaves open, for paper and as a table."""

from __future__ import annotations

from html import escape
from typing import Final

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from db.store.store import Db
from db.tables.annotators import list_annotators
from db.tables.classes import list_classes
from db.team.handover import hand_over
from pages._routes import _guard
from pages._server import workspace
from pages._server.refusal import reader_locale, refusal
from pages._words import hand_over as words
from pages._words import mark, translate
from pages._words.hand_over import Table
from pipeline.core.errors import MoueError
from pipeline.core.messages import message
from pipeline.core.names import find_name
from pipeline.files.safe_csv import csv_lines

_STYLE: Final = """
body { font: 14px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; max-width: 720px; margin: 32px auto; color: #000; background: #fff; }
table { border-collapse: collapse; width: 100%; break-inside: auto; } tr { break-inside: avoid; }
td { border-top: 1px solid #bbb; padding: 4px 8px; vertical-align: top; } td + td { text-align: right; }
h1 { font-size: 24px; } h2 { font-size: 16px; margin: 24px 0 8px; break-after: avoid; }
"""  # noqa: E501


@_guard.may("see")
async def printable(request: Request, annotator: str) -> Response:
    """`?person=NAME` (oneself where it is missing): a page of its own for paper. 403 for others' without the role."""
    found = await _found(request, annotator)
    if isinstance(found, Response):
        return found
    person, tables = found
    locale = reader_locale(request)
    title = escape(translate(locale, mark("Hand-over of {name}"), name=person))
    chapters = "".join(f"<h2>{escape(head)}</h2><table>{_rows(rows)}</table>" for head, rows in tables if rows)
    html = f"<!doctype html><html lang={locale}><meta charset=utf-8><title>{title}</title><style>{_STYLE}</style>"
    return HTMLResponse(f"{html}<h1>{title}</h1>{chapters}", headers={"Cache-Control": "private, no-store"})


@_guard.may("see")
async def table(request: Request, annotator: str) -> Response:
    """The same as CSV."""
    found = await _found(request, annotator)
    if isinstance(found, Response):
        return found
    person, tables = found
    lines = csv_lines([("person", "chapter", "what", "value"),
                       *((person, head, what, value) for head, rows in tables for what, value in rows)])  # fmt: skip
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": 'attachment; filename="hand-over.csv"'}
    return Response("".join(lines), media_type="text/csv; charset=utf-8", headers=headers)


async def _found(request: Request, annotator: str) -> Response | tuple[str, Table]:
    asked = request.query_params.get("person") or annotator
    if asked != annotator and (refused := _guard.refused_by_role(request, annotator, "see_audit")) is not None:
        return refused
    locale = reader_locale(request)

    def load(db: Db) -> tuple[str, Table] | None:
        person = find_name(asked, list_annotators(db))
        if person is None:
            return None
        names = {spec.id: spec.name for spec in list_classes(db, archived=True)}
        return person, words.tables(hand_over(db, person, annotator), names, locale)

    try:
        found = await anyio.to_thread.run_sync(lambda: workspace.get_store().read(load))
    except MoueError as e:
        return refusal(request, 503, e.message)
    return found or refusal(request, 404, message("role_person_unknown", name=asked))


def _rows(rows: list[tuple[str, str]]) -> str:
    return "".join(f"<tr><td>{escape(what)}</td><td>{escape(value)}</td></tr>" for what, value in rows)


routes: Final = [
    Route("/api/handover", printable, methods=["GET"]),
    Route("/api/handover.csv", table, methods=["GET"]),
]

"""How a route says no: a status, and why, in the reader's language and as code and parameters."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse

from db.decisions.ops import OpResult
from pages._words import COOKIE, chosen, recorded
from pipeline.core.messages import Message


def reader_locale(request: Request) -> str:
    """As the reader chose it, else the browser's."""
    return chosen(request.cookies.get(COOKIE), request.headers.get("accept-language"))


def words_of(result: OpResult, locale: str) -> str:
    """What became of an op, in the reader's language; "" for a decision that was saved."""
    return recorded.translate(result.message, locale)


def refusal(request: Request, status: int, why: Message, **more: object) -> JSONResponse:
    """{"error": the words, "code", "params"} and what else is told."""
    locale = reader_locale(request)
    words = recorded.translate(why, locale)
    return JSONResponse({"error": words, "code": why.code, "params": why.json_params(), **more}, status_code=status)

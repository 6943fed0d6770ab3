"""The shapes of JSON, by dataclasses: one declaration is the schema that is published and the check that is made."""

from __future__ import annotations

import re
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, field, fields, is_dataclass
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from pages._routes._batch import RequestError
from pipeline.core.messages import message

Schema = dict[str, Any]
_PLAIN: Final[dict[Any, Schema]] = {
    str: {"type": "string"}, int: {"type": "integer"}, float: {"type": "number"}, bool: {"type": "boolean"},
    type(None): {"type": "null"}, Any: {},
}  # fmt: skip
_MOST_INT: Final = 2**53 - 1


def about(text: str, *, default: Any = MISSING, **limits: Any) -> Any:
    """A dataclass field with a description and limits of JSON Schema: minimum, maxLength, pattern, maxItems …"""
    return field(default=default, metadata={"description": text, **limits})


def schema_of(kind: Any, named: dict[str, Schema]) -> Schema:
    """The JSON schema of a type; dataclasses become entries of `named` and references to them."""
    if is_dataclass(kind) and isinstance(kind, type):
        if kind.__name__ not in named:
            named[kind.__name__] = {}  # it may hold itself
            named[kind.__name__] = _object(kind, named)
        return {"$ref": f"#/components/schemas/{kind.__name__}"}
    if kind in _PLAIN:
        return dict(_PLAIN[kind])
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return {"enum": list(inner)}
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(one, named) for one in inner]}
    if origin is tuple and inner[-1] is ...:
        return {"type": "array", "items": schema_of(inner[0], named)}
    if origin is tuple:
        count = len(inner)
        items = schema_of(inner[0], named)
        return {"type": "array", "items": items, "minItems": count, "maxItems": count}
    if origin in (dict, Mapping):
        return {"type": "object", "additionalProperties": schema_of(inner[1], named)}
    raise TypeError(f"{kind} has no schema")


def _object(kind: type, named: dict[str, Schema]) -> Schema:
    hints = get_type_hints(kind)
    properties = {}
    for one in fields(kind):
        found = schema_of(hints[one.name], named)
        extra = dict(one.metadata)
        if _is_optional(one) and one.default not in (None, MISSING):
            extra["default"] = list(one.default) if isinstance(one.default, tuple) else one.default
        description = {"description": extra.pop("description")} if "description" in extra else {}
        if "anyOf" in found:  # limits are the text's or number's, not null's
            found["anyOf"] = [one if one == _PLAIN[type(None)] else {**one, **extra} for one in found["anyOf"]]
            extra = {}
        properties[one.name] = {**found, **extra, **description}
    required = [one.name for one in fields(kind) if not _is_optional(one)]
    shape: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**shape, "required": required} if required else shape


def _is_optional(one: Field[Any]) -> bool:
    return one.default is not MISSING or one.default_factory is not MISSING


def parse(kind: Any, raw: Any, where: str = "body", limits: Mapping[str, Any] = types.MappingProxyType({})) -> Any:
    """`raw` as a value of this type. Raises RequestError 400, which names the field."""
    if is_dataclass(kind) and isinstance(kind, type):
        return _parse_object(kind, raw, where)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return raw if isinstance(raw, str) and raw in inner else _refuse(where, tuple(inner))
    if origin in (Union, types.UnionType):
        if raw is None and type(None) in inner:
            return None
        (other,) = (one for one in inner if one is not type(None))
        return parse(other, raw, where, limits)
    if origin is tuple:
        if not isinstance(raw, list):
            _refuse(where, "a list")
        _check_size(len(raw), limits, where, "Items", "entries")
        return tuple(parse(inner[0], one, f"{where}[{number}]") for number, one in enumerate(raw))
    return _parse_plain(kind, raw, where, limits)


def _parse_object(kind: type, raw: Any, where: str) -> Any:
    if not isinstance(raw, dict):
        _refuse(where, "an object")
    known = {one.name: one for one in fields(kind)}
    if unknown := sorted(str(name) for name in set(raw) - set(known)):
        raise RequestError(400, message("field_unknown", name=f"{where}.{unknown[0][:80]}", names=tuple(known)))
    hints, found = get_type_hints(kind), {}
    for name, one in known.items():
        if name in raw:
            found[name] = parse(hints[name], raw[name], f"{where}.{name}", one.metadata)
        elif not _is_optional(one):
            raise RequestError(400, message("field_missing", name=f"{where}.{name}"))
    return kind(**found)


def _parse_plain(kind: Any, raw: Any, where: str, limits: Mapping[str, Any]) -> Any:
    if kind is str:
        if not isinstance(raw, str) or any("\ud800" <= letter <= "\udfff" for letter in raw):
            _refuse(where, "a text")
        _check_size(len(raw), limits, where, "Length", "characters")
        if "pattern" in limits and not re.search(limits["pattern"], raw):
            _refuse(where, str(limits["pattern"]))
        return raw
    if kind is bool:
        return raw if isinstance(raw, bool) else _refuse(where, "true or false")
    is_number = isinstance(raw, int | float) and not isinstance(raw, bool)
    whole = is_number and float(raw).is_integer() and abs(raw) <= _MOST_INT if is_number and _finite(raw) else False
    if (kind is int and not whole) or (kind is float and not (is_number and _finite(raw))):
        _refuse(where, "a whole number" if kind is int else "a number")
    low, high = limits.get("minimum", raw), limits.get("maximum", raw)
    if not low <= raw <= high or raw == limits.get("exclusiveMinimum") or raw == limits.get("exclusiveMaximum"):
        _refuse(where, f"{low} to {high}")
    return int(raw) if kind is int else float(raw)


def _finite(raw: float) -> bool:
    return raw == raw and abs(raw) < 1e300


def _check_size(size: int, limits: Mapping[str, Any], where: str, of: str, what: str) -> None:
    low, high = limits.get(f"min{of}", 0), limits.get(f"max{of}", size)
    if not low <= size <= high:
        _refuse(where, f"{low} to {high} {what}")


def _refuse(where: str, wanted: str | tuple[str, ...]) -> Any:
    raise RequestError(400, message("field_malformed", name=where, wanted=wanted))

"""Whether what a person changes is still what they saw: another tab, or another person, may have been there first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from db.store.store import Db
from db.tables import classes
from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.records import ClassSpec

_LOOKS: Final = ("name", "key", "letter", "colour")


def already_so(db: Db, change: Mapping[str, Any]) -> bool:
    """Whether what `change` asks for is so already, done by another or by this one sent twice.

    change: {"do", "id", "value", "seen"}; seen: what was shown of it: the field as it was ("name", "key", "letter",
    "colour"), the ids in their order ("up", "down", "digits"), the name ("archive", "back"), [names of both classes]
    ("merge"); None where nothing is known. Raises UsageError where it is another now, and is not what is asked for.
    """
    what, class_id = str(change["do"]), int(change["id"])
    check = _CHECKS.get(what)
    if check is None:
        return False
    return check(db, what, class_id, change)


def _spec(db: Db, class_id: int) -> ClassSpec:
    for spec in classes.list_classes(db, archived=True):
        if spec.id == class_id:
            return spec
    raise UsageError(message("class_unknown", n=class_id))


def _is_archived(db: Db, class_id: int) -> bool:
    return class_id not in {spec.id for spec in classes.list_classes(db)}


def _here(db: Db, class_id: int) -> ClassSpec:
    spec = _spec(db, class_id)
    if _is_archived(db, class_id):
        raise UsageError(message("class_archived_since", name=spec.name))
    return spec


def _look(db: Db, what: str, class_id: int, change: Mapping[str, Any]) -> bool:
    spec = _here(db, class_id)
    now, seen = getattr(spec, what), change.get("seen")
    if now == str(change.get("value", "")).strip():
        return True
    if seen is not None and seen != now:
        raise UsageError(message("class_changed_since", now=now, seen=str(seen)))
    return False


def _order(db: Db, what: str, class_id: int, change: Mapping[str, Any]) -> bool:
    seen = change.get("seen")
    if what != "digits":
        _here(db, class_id)
    if seen is not None and seen != [spec.id for spec in classes.list_classes(db)]:
        raise UsageError(message("class_order_since"))
    return False


def _put_away(db: Db, what: str, class_id: int, change: Mapping[str, Any]) -> bool:
    spec, seen = _spec(db, class_id), change.get("seen")
    if _is_archived(db, class_id) == (what == "archive"):
        return True
    if seen is not None and seen != spec.name:
        raise UsageError(message("class_changed_since", now=spec.name, seen=str(seen)))
    return False


def _merge(db: Db, _what: str, class_id: int, change: Mapping[str, Any]) -> bool:
    seen = change.get("seen")
    now = [_here(db, one).name for one in (class_id, int(change["value"]))]
    for before, name in zip(seen or now, now, strict=True):
        if before != name:
            raise UsageError(message("class_changed_since", now=name, seen=str(before)))
    return False


_CHECKS: Final[Mapping[str, Callable[[Db, str, int, Mapping[str, Any]], bool]]] = {
    **dict.fromkeys(_LOOKS, _look),
    **dict.fromkeys(("up", "down", "digits"), _order),
    **dict.fromkeys(("archive", "back"), _put_away),
    "merge": _merge,
}

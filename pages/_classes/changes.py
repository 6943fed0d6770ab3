"""What the editor of the classes sends, carried out: each change at once, by who may."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from db.listing.relabel import relabel
from db.projection.filters import ReviewFilter
from db.store.store import Db, Store
from db.tables import classes
from pages._classes.as_seen import already_so
from pages._server import permission
from pages._words import count, recorded, t
from pipeline.core.errors import MoueError, UsageError
from pipeline.core.messages import message

ADD: Final = "add"
MERGE: Final = "merge"
_IN_USE: Final = ("class_has_face", "class_has_faces")


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a change. beside: the id of the class that it is about, ADD or MERGE. in_use: the class cannot be
    put away because of its faces."""

    beside: int | str
    text: str
    error: bool = True
    in_use: bool = False


def carry_out(store: Store, change: Mapping[str, Any]) -> Told | None:
    """Carry one change of the editor out. None where it needs no word.

    change: {"do", "id", "value", "seen"} as a browser sent it; seen: what was shown of it (see `as_seen`), "faces" of a
    merge how many the button told. Raises KeyError, TypeError or ValueError for one that no editor sends.
    """
    what, class_id, value = str(change["do"]), int(change["id"]), change.get("value", "")
    work = _CHANGES[what]

    def as_seen(db: Db, by: str) -> Any:
        if already_so(db, change):
            return None
        n = work(db, class_id, value, by)
        if what == MERGE and (told := int(change.get("faces", n))) != n:  # inside the write: nothing of it stays
            raise UsageError(message("class_faces_since", n=n, told=told))
        return n

    try:
        by = permission.require("classes")
        n = store.write(lambda db: as_seen(db, by))
    except MoueError as e:
        beside = what if what in (ADD, MERGE) else class_id
        return Told(beside, recorded.sentence(e.message), in_use=e.message.code in _IN_USE)
    if what != MERGE:
        return None
    return Told(MERGE, t("{faces} given the other class, as one step.", faces=count(int(n), "face")), error=False)


def _move(db: Db, class_id: int, by: str, step: int) -> None:
    order = [spec.id for spec in classes.list_classes(db)]
    if class_id not in order:
        raise UsageError(message("class_unknown", n=class_id))
    at = order.index(class_id)
    to = min(len(order) - 1, max(0, at + step))
    if to == at:
        return  # the audit tells of what was changed
    order[at], order[to] = order[to], order[at]
    classes.reorder(db, order, by=by)


def _bring_back(db: Db, class_id: int, by: str) -> None:
    spec = next((one for one in classes.list_classes(db, archived=True) if one.id == class_id), None)
    if spec is None:
        raise UsageError(message("class_unknown", n=class_id))
    classes.bring_back(db, spec, by=by)


def _look(field: str) -> Callable[[Db, int, Any, str], object]:
    return lambda db, id_, value, by: classes.set_class(db, id_, **{field: str(value).strip()}, by=by)


_CHANGES: Final[Mapping[str, Callable[[Db, int, Any, str], Any]]] = {
    "name": lambda db, id_, value, by: classes.rename_class(db, id_, str(value), by=by),
    "key": _look("key"),
    "letter": _look("letter"),
    "colour": _look("colour"),
    "up": lambda db, id_, _value, by: _move(db, id_, by, -1),
    "down": lambda db, id_, _value, by: _move(db, id_, by, 1),
    "archive": lambda db, id_, _value, by: classes.archive_class(db, id_, by=by),
    "back": lambda db, id_, _value, by: _bring_back(db, id_, by),
    ADD: lambda db, _id, value, by: classes.add_class(db, str(value), by=by),
    "digits": lambda db, _id, _value, by: classes.order_digits(db, by=by),
    MERGE: lambda db, id_, value, by: relabel(db, by, ReviewFilter(f"class:{id_}"), int(value)),
}

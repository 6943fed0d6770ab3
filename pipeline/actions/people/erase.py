"""Erases every photo of a person, and with the last one what is known of them."""

from __future__ import annotations

from dataclasses import dataclass

from db.people import persons
from db.people.persons import forget_unseen
from db.store.store import Store
from db.tables import audit
from pipeline.actions.erase import Erased, erase_image


@dataclass(frozen=True, slots=True)
class PersonErased:
    """images: what was erased, photo by photo. shared: how many of these photos other persons were on, too."""

    images: tuple[Erased, ...]
    shared: int
    log_emptied: bool


def erase_person(store: Store, person: int, *, backups: bool = False, by: str = audit.COMMAND_LINE) -> PersonErased:
    """Erase all photos that the person is on, as `erase_image` does each; the name goes with the last.

    Raises UsageError for an unknown person, and as `erase_image`: what was erased until then stays so, and the rest can
    be erased by calling this again.
    """
    images = store.read(lambda db: persons.images_of(db, person))
    of_all = store.read(persons.person_of_images)
    shared = sum(len(of_all.get(sha256, frozenset())) > 1 for sha256 in images)
    done = tuple(erase_image(store, sha256, backups=backups, by=by) for sha256 in images)
    store.write(forget_unseen)
    return PersonErased(done, shared, store.empty_log())

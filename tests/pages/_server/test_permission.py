"""What the first visit notes: who owns the workspace, and who made it."""

from __future__ import annotations

import pytest

from db.images.images import ensure_source
from db.store.store import Store
from db.tables import audit, jobs
from db.tables.annotators import ensure_annotator, name_of_identity
from pages._server import permission, workspace


def noted(store: Store) -> list[tuple[str, str]]:
    return [(row.annotator, row.action) for row in store.read(lambda db: list(audit.rows(db)))]


@pytest.mark.usefixtures("empty")
def test_the_audit_begins_with_the_first_person_whoever_let_them_in() -> None:
    """A provider's first person is the owner before any page is shown; a proxy's is written by the page alone."""
    store = workspace.get_store()
    name = store.write(lambda db: name_of_identity(db, "https://id.example", "7", "Ada"))
    for who in (name, name, "Ben"):
        permission.settle_owner(who)
    assert noted(store) == [("Ada", "workspace_made")]


@pytest.mark.usefixtures("empty")
def test_who_is_not_the_owner_did_not_make_it() -> None:
    store = workspace.get_store()
    store.write(lambda db: name_of_identity(db, "https://id.example", "7", "Ada"))
    permission.settle_owner("Ben")
    assert noted(store) == []
    permission.settle_owner("Ada")
    permission.settle_owner("Cy")
    assert noted(store) == [("Ada", "workspace_made")]


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize("imported", ["FER 2013", "Ada"])
def test_who_comes_first_owns_a_workspace_that_began_with_an_import(imported: str) -> None:
    store = workspace.get_store()
    store.write(lambda db: jobs.start_job(db, "import", {"labels_of": imported}))
    store.write(lambda db: ensure_annotator(db, imported))
    for who in ("Ada", "Ben"):
        permission.settle_owner(who)
    assert [permission.role_of(who) for who in ("Ada", "Ben")] == ["owner", "annotator"]


@pytest.mark.usefixtures("full")
def test_what_a_command_made_was_made_by_no_person() -> None:
    permission.settle_owner("Ada")
    made = [who for who, action in noted(workspace.get_store()) if action == "workspace_made"]
    assert made == [audit.COMMAND_LINE]
    assert noted(workspace.get_store())[0][1] == "workspace_made"


@pytest.mark.usefixtures("empty")
def test_of_a_workspace_from_before_nobody_is_said_to_have_made_it() -> None:
    store = workspace.get_store()
    store.write(
        lambda db: db.execute(
            "INSERT INTO images (sha256, outcome, reason, width, height, format, byte_size, storage, original, unified,"
            " source_id, detector, margin, created_at, processing) VALUES"
            " (?, 'no_face', '', 1, 1, 'PNG', 9, 'referenced', '/a.png', 0, ?, 'yunet', 1.5, '2026', '')",
            ["0" * 64, ensure_source(db, "folder", "/photos")],
        )
    )
    permission.settle_owner("Ada")
    assert noted(store) == []

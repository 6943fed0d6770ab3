from __future__ import annotations

from db.store.store import Store
from pipeline.actions.verify import verify_workspace


def test_a_sound_workspace_has_no_findings(store: Store) -> None:
    found = verify_workspace(store)
    assert (found.images, found.findings) == (12, ())


def test_a_crop_that_is_gone_and_an_original_that_changed_are_found(store: Store, faces: list[tuple[str, str]]) -> None:
    (face_id, _), (_, other) = faces[:2]
    (store.root / "crops" / face_id[:2] / f"{face_id}.png").unlink()
    (original,) = (store.root / "originals" / other[:2]).glob(f"{other}.*")
    original.write_bytes(original.read_bytes() + b"more")
    found = verify_workspace(store)
    assert found.images == 12
    assert len(found.findings) == 2
    assert face_id in "\n".join(found.findings)
    assert other in "\n".join(found.findings)

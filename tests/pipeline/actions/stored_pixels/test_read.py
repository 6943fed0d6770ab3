"""Where a photo's pixels come from once it is in the workspace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from db.reads.details import ImageInfo, image_info
from db.store.store import Store
from pipeline.actions.stored_pixels.each_image import each_image
from pipeline.actions.stored_pixels.read import intact_unified, upright_pixels
from pipeline.core.errors import IntegrityError
from pipeline.files.blobs import BlobStore
from tests.pipeline import commands as cli
from tests.pipeline.made import afar, sha_of, write_photos
from tests.pipeline.photos import numbered_head


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    cli.ingest(tmp_path / "workspace", write_photos(tmp_path / "photos"))
    with Store.open(tmp_path / "workspace") as opened:
        yield opened


def png_of(store: Store) -> ImageInfo:
    """The PNG, as it is now: it has a unified JPEG."""
    info = store.read(lambda db: image_info(db, sha_of(store.root.parent / "photos" / "afar.png")))
    assert info is not None
    return info


def test_pixels_are_the_original_s_or_those_of_the_jpeg_that_was_made_of_it(store: Store, tmp_path: Path) -> None:
    image = png_of(store)
    assert (upright_pixels(store.root, image).bgr == afar()).all()
    changed = replace(image, original=str(tmp_path / "photos" / "cup.png"))
    assert abs(upright_pixels(store.root, changed).bgr.astype(int) - afar()).mean() < 2
    BlobStore(store.root).remove("images", image.sha256, "jpg")
    with pytest.raises(IntegrityError, match=r"cup\.png is gone or has changed"):
        upright_pixels(store.root, changed)
    with pytest.raises(IntegrityError, match=r"gone\.png is gone or has changed"):
        upright_pixels(store.root, replace(image, original=str(tmp_path / "gone.png")))


def test_a_unified_jpeg_that_is_not_the_one_that_was_written_is_not_used(store: Store, tmp_path: Path) -> None:
    gone = replace(png_of(store), original=str(tmp_path / "gone.png"))
    file = BlobStore(store.root).path("images", gone.sha256, "jpg")
    whole = file.read_bytes()
    file.write_bytes(numbered_head(5))
    with pytest.raises(IntegrityError, match="gone or has changed"):
        upright_pixels(store.root, gone)
    assert intact_unified(store.root, gone) is None
    file.write_bytes(whole)
    found = upright_pixels(store.root, gone)
    assert (found.bgr.shape, found.unnoted) == (afar().shape, None)
    assert intact_unified(store.root, gone) == file


def test_images_come_with_their_pixels_a_page_at_a_time_and_a_lost_hash_is_noted(store: Store, tmp_path: Path) -> None:
    image = png_of(store)
    written = image.unified_sha256
    assert written is not None
    (tmp_path / "photos" / "afar.png").rename(tmp_path / "elsewhere.png")
    store.write(lambda db: db.execute("UPDATE images SET unified_sha256 = NULL"))
    unknown, asked = "0" * 64, list[tuple[str, int]]()

    def page(db: object, after: str, most: int) -> list[str]:
        asked.append((after, most))
        return [name for name in (unknown, image.sha256) if name > after][:1]

    ((found, bgr),) = each_image(store, page)
    assert (found.sha256, found.unified_sha256) == (image.sha256, None)
    assert bgr is not None
    assert bgr.shape == afar().shape
    assert asked == [("", 50), (unknown, 50), (image.sha256, 50)]
    (row,) = store.read(lambda db: db.execute("SELECT unified_sha256 FROM images WHERE sha256 = ?", [image.sha256]))
    assert row == (written,)
    BlobStore(store.root).remove("images", image.sha256, "jpg")
    assert [bgr for _, bgr in each_image(store, page, most=2)] == [None]
    assert [info for info, _ in each_image(store, page, most=1)] == []

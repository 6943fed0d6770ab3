"""What the damaged files found, each by a file made by hand."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from pipeline.actions.imports.unpack import unpack
from pipeline.core.errors import UsageError
from pipeline.crawl.results_page import read_results_page
from pipeline.export.readers import cvat


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_member_whose_packed_bytes_are_wrong(tmp_path: Path, method: int) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr("smile/a.txt", b"mouths " * 400)
        start = archive.getinfo("smile/a.txt").header_offset + 30 + len("smile/a.txt")
    data = bytearray(stream.getvalue())
    data[start + 9 : start + 40] = b"\xff" * 31
    (tmp_path / "set.zip").write_bytes(data)
    with pytest.raises(UsageError, match=r"set\.zip"):
        unpack(tmp_path / "set.zip", tmp_path / "out")


def test_a_script_with_the_beginning_of_an_image_and_no_image(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<html><body><img src="https://a.example/1.jpg"><script>["http</script></body></html>')
    assert [one.url for one in read_results_page(page)] == ["https://a.example/1.jpg"]


def test_annotations_in_an_encoding_that_there_is_not(tmp_path: Path) -> None:
    (tmp_path / "annotations.xml").write_text('<?xml version="1.0" encoding="uaatf-8"?><annotations></annotations>')
    with pytest.raises(UsageError, match=r"annotations\.xml"):
        list(cvat.read(tmp_path))

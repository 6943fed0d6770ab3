"""What the damaged files found, each by a file made by hand."""

from __future__ import annotations

import io
import lzma
import tracemalloc
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.actions.imports.unpack import unpack
from pipeline.core.errors import UsageError
from pipeline.core.outcome import Outcome
from pipeline.core.records import Settings
from pipeline.crawl.results_page import read_results_page
from pipeline.export.readers import cvat, huggingface
from pipeline.export.readers.labelled import read_text
from pipeline.export.readers.table import read_file
from pipeline.sources.zips import zip_members


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


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_a_member_without_a_name(tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w", method) as archive:
        archive.writestr("a/x", b"1")
        archive.writestr("y", b"2")
    data = (tmp_path / "set.zip").read_bytes()
    at = data.rindex(b"PK\x01\x02")
    short = bytearray(data[at:])
    short[28:30] = b"\0\0"  # the length of its name, in the directory
    del short[46:47]
    end = short.index(b"PK\x05\x06")
    size = int.from_bytes(short[end + 12 : end + 16], "little") - 1
    short[end + 12 : end + 16] = size.to_bytes(4, "little")
    (tmp_path / "set.zip").write_bytes(data[:at] + short)
    with pytest.raises(UsageError, match=r"set\.zip"):  # the file's own header says another name
        unpack(tmp_path / "set.zip", tmp_path / "out")


def test_a_dictionary_that_nobody_has_the_memory_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LZMA's header may claim four gigabytes, which a worker may not map; here nobody may map anything."""

    def claims(*_given: object, **_named: object) -> None:
        raise MemoryError

    monkeypatch.setattr(lzma, "LZMADecompressor", claims)
    with zipfile.ZipFile(tmp_path / "set.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("smile/a.jpg", b"\xff\xd8" + b"mouths " * 400)
    with pytest.raises(UsageError, match="something that cannot be"):
        unpack(tmp_path / "set.zip", tmp_path / "out")
    (member,) = zip_members(tmp_path / "set.zip", tmp_path / "spool", Settings().max_bytes)
    assert member.failure is not None
    assert member.failure[0] == Outcome.UNDECODABLE


@pytest.mark.parametrize("where", ["class", "head"])
def test_a_table_whose_words_are_no_utf_8(tmp_path: Path, where: str) -> None:
    table = pa.table({"file": ["a.jpg"], "class": ["smile"]}) if where == "class" else pa.table({"clasz": ["a"]})
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="none", use_dictionary=False, write_statistics=False)
    data = sink.getvalue().replace(b"smile", b"\xffmile").replace(b"clasz", b"\xfflasz")
    (tmp_path / "table.parquet").write_bytes(data)
    with pytest.raises(UsageError, match=r"table\.parquet"):
        list(read_file(tmp_path / "table.parquet"))
    with pytest.raises(UsageError, match=r"table\.parquet"):
        list(huggingface.read_parquet(tmp_path / "table.parquet", tmp_path / "scratch", tmp_path))


def test_a_small_file_of_annotations_costs_no_buffer_of_the_cap(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"file,class\n")
    tracemalloc.start()
    try:
        assert read_text(tmp_path / "a.csv") == b"file,class\n"
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()

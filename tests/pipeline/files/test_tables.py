"""One reader for decisions, addresses and keywords: what spreadsheets write is read, or refused by its line."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import UsageError
from pipeline.files.safe_csv import plain_cell
from pipeline.files.tables import Table, is_separator_line, read_table, whole_rows

COLUMNS = {"url": "url", "image_url": "url", "class": "class", "title": "title"}
CELL = st.text("ab,;\t|\"'\n= 嘴", max_size=6).map(str.strip)
ROWS = st.lists(st.tuples(CELL.filter(bool), CELL, CELL), max_size=6)


def table(text: str, usual: str = ",", header: tuple[str, ...] | None = None) -> Table:
    return read_table(io.StringIO(text, newline=""), COLUMNS, "a.csv", usual, header)


def cells(text: str, usual: str = ",", header: tuple[str, ...] | None = None) -> list[dict[str, str]]:
    return [dict(row.cells) for row in whole_rows(table(text, usual, header), "a.csv")]


@given(ROWS, st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_what_a_csv_writer_writes_comes_back(
    rows: list[tuple[str, str, str]], delimiter: str, end: str, told: bool
) -> None:
    rows = [row for row in rows if not any(cell.lstrip("'").startswith("=") for cell in row)]
    made = io.StringIO(newline="")
    writer = csv.writer(made, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([(" URL ", "Class", "title"), *rows])
    text = (f"sep={delimiter}{end}" if told else "") + made.getvalue()
    assert cells(text) == [dict(zip(("url", "class", "title"), row, strict=True)) for row in rows]


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"', "sep=; ", "sep=;;;;", " sep=;"])
def test_excels_line_before_the_header(first: str) -> None:
    assert cells(f"{first}\r\nurl;class\r\nu;smile\r\n") == [{"url": "u", "class": "smile"}]


def test_a_tab_that_excels_line_tells() -> None:
    assert cells("sep=\t\r\nurl\tclass\r\nu,v\tsmile\r\n") == [{"url": "u,v", "class": "smile"}]
    assert is_separator_line("sep=\t\r\n")
    assert not is_separator_line("sep=\r\n")


@pytest.mark.parametrize("before", ["\n\n", ",,\n", ";;\r\n\r\n", "\ufeff,,,\n \t\n"])
def test_a_spreadsheets_empty_rows_before_the_header(before: str) -> None:
    found = list(table(f"{before}url,class\nu,smile\n").rows)
    assert [dict(row.cells) for row in found] == [{"url": "u", "class": "smile"}]
    assert found[0].line == before.count("\n") + 2


@pytest.mark.parametrize(
    "before",
    [
        "# made by hand\n",
        "#made by hand, on Monday\n#\n",
        "\ufeff# it's \"so\n\n  # {json}\n",
        '"# made, by hand",,\r\n',
        "# class: what it shows\n,,\n",
        "# image, title and class of each\n",
        "# c\nsep=,\n",
        "# url,class\n",
    ],
)
def test_comments_before_the_header(before: str) -> None:
    found = list(table(f"{before}url,class\nhttps://a.example/1.jpg#top,smile\n").rows)
    assert [dict(row.cells) for row in found] == [{"url": "https://a.example/1.jpg#top", "class": "smile"}]
    assert found[0].line == before.count("\n") + 2


@pytest.mark.parametrize("header", ["# url,class\n", "#URL,Class\n\n", "# by hand\n# url,class\n# since 2020\n"])
def test_a_header_that_is_a_comment(header: str) -> None:
    """As numpy's savetxt and tables of the command line have it."""
    found = list(table(f"{header}u,smile\nv,frown\n").rows)
    assert [dict(row.cells) for row in found] == [{"url": "u", "class": "smile"}, {"url": "v", "class": "frown"}]
    assert [row.line for row in found] == [header.count("\n") + 1, header.count("\n") + 2]


@pytest.mark.parametrize("counted", ["#", '"#"', "# "])
def test_a_column_that_counts_the_rows_is_no_comment(counted: str) -> None:
    assert cells(f"{counted},url,class\n1,u,smile\n") == [{"url": "u", "class": "smile"}]


def test_what_is_no_comment() -> None:
    assert cells("class,url\n#smile,u\n") == [{"class": "#smile", "url": "u"}]
    assert cells("#smile,u\n", header=("class", "url")) == [{"class": "#smile", "url": "u"}]
    assert table("# nothing else\n").header == ()


def test_a_header_that_a_spreadsheet_guards_as_its_cells() -> None:
    text = '="URL",="class"\n="u",="smile"\n'
    assert table(text).header == ("URL", "class")
    assert cells(text) == [{"url": "u", "class": "smile"}]


@pytest.mark.parametrize("delimiter", ["，", "；"])
def test_delimiters_as_chinese_keyboards_type_them(delimiter: str) -> None:
    lines = [delimiter.join(row) for row in (("url", "class"), ("u", "smile"))]
    assert cells("\n".join(lines)) == [{"url": "u", "class": "smile"}]
    assert cells(f"url,class\nu,a{delimiter}b\n") == [{"url": "u", "class": f"a{delimiter}b"}]


def test_the_rule_below_a_header_of_markdown_is_no_row() -> None:
    text = "| url | class |\n|:---|---:|\n| u | smile |\n| - | -- |\n"
    assert cells(text) == [{"url": "u", "class": "smile"}, {"url": "-", "class": "--"}]


@pytest.mark.parametrize(
    "text", ["%PDF-1.4\n", "{\\rtf1\\ansi url}", "\ufeff%!PS-Adobe-3.0\n", "<html><table>", "<?xml version='1.0'?>"]
)
def test_documents_are_called_so_under_a_tables_name(text: str) -> None:
    with pytest.raises(UsageError, match=r"a PDF or a word|a web page"):
        table(text)


def test_rows_without_a_word_and_cells_behind_the_last_column_are_nothing() -> None:
    assert cells("\n\nurl;class;;\n;;;\n \nu;smile;;;;\n\n") == [{"url": "u", "class": "smile"}]


def test_a_table_of_one_column_has_no_delimiter() -> None:
    assert cells("url\nhttp://a.example/1,2;3.jpg\n") == [{"url": "http://a.example/1,2;3.jpg"}]


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    rows = table('sep=,\n\nurl,title\n"u","two\nlines"\n\nv,w\n').rows
    assert [row.line for row in rows] == [5, 7]


def test_what_a_spreadsheet_keeps_as_text_is_that_text() -> None:
    assert cells('url,class\n"=""0012""",\u00a0smile\u3000\n') == [{"url": "0012", "class": "smile"}]


@pytest.mark.parametrize("text", ["=1+1", "-5", "+a", "@b", "'a", "it's", "''"])
def test_what_was_written_for_a_spreadsheet_is_read_as_it_was(text: str) -> None:
    assert cells(f"url,class\nu,{plain_cell(text)}\n") == [{"url": "u", "class": text}]


def test_two_names_of_one_field_stand_side_by_side_and_the_first_that_says_something_counts() -> None:
    assert [row["url"] for row in cells("url,image_url\na,b\n,c\n")] == ["a", "c"]


@pytest.mark.parametrize("header", ["Image URL,Class", "image-url,CLASS", "imageurl, class", '"Image_Url", "class"'])
def test_names_of_columns_however_they_are_joined(header: str) -> None:
    assert cells(f"{header}\nu,smile\n") == [{"url": "u", "class": "smile"}]


def test_quotes_behind_a_space() -> None:
    assert cells('url, class\n"u, v", "smile"\n') == [{"url": "u, v", "class": "smile"}]


def test_a_header_of_its_own() -> None:
    assert cells("u;smile\nv\n", header=("url", "class")) == [{"url": "u", "class": "smile"}, {"url": "v"}]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("url,class\na,b,c\n", "a.csv, line 2: more cells than the 2"),
        ('url,class\n"a,b\n', "a.csv, line"),
        ('url,class\nu,"a" b\n', "a.csv, line 2"),
        ("url,Class,class\nu,a,b\n", "two columns called class"),
        ("image_url,Image URL\nu,v\n", "two columns called image_url"),
        ('{"url": "u", "class": "smile"}\n', "a.csv is JSON"),
        ('[{"url": "u"}]\n', "a.csv is JSON"),
        ('[\n  {\n    "url": "u"}]\n'.replace("[\n", "["), "a.csv is JSON"),
        ("<html><table><tr><td>url</td></tr></table></html>", "a.csv is a web page"),
        ('<?xml version="1.0"?>\n<html>', "a.csv is a web page"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_line(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        cells(text)


@pytest.mark.parametrize("note", ["# of the second day", "# a;b", "# x,,", '"# said, quoted",,', ";;;", ",,", "   "])
def test_notes_and_empty_rows_between_the_rows(note: str) -> None:
    text = f"url,class,title\nu,smile,t\n{note}\nv,none,#\n"
    assert [(row.line, row.cells["url"]) for row in whole_rows(table(text), "a.csv")] == [(2, "u"), (4, "v")]


@pytest.mark.parametrize("row", ["#smile,,", "#1,none,t", "# 1,none,t", "-,,", ";,,"])
def test_what_is_no_note(row: str) -> None:
    assert [one["url"] for one in cells(f"url,class,title\n{row}\n")] == [row.partition(",")[0]]


@pytest.mark.parametrize("end", ["\x85", "\u2028", "\u2029"])
def test_lines_that_end_as_mainframes_and_web_pages_end_them(end: str) -> None:
    """The whole file was one header, and no row of it was missed."""
    assert cells(end.join(["url,class", "u,smile", "v,pout", ""])) == [
        {"url": "u", "class": "smile"},
        {"url": "v", "class": "pout"},
    ]
    assert cells(f"url,class\nu,smi{end}le\n") == [{"url": "u", "class": f"smi{end}le"}]

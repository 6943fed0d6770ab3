from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.errors import UsageError
from pipeline.core.records import Provenance
from pipeline.crawl.url_list import read_list
from pipeline.fetch.candidate import ImageCandidate


def listed(tmp_path: Path, name: str, text: str, coding: str = "utf-8") -> list[ImageCandidate]:
    file = tmp_path / name
    file.write_bytes(text.encode(coding))
    return list(read_list(file))


def test_text_has_an_address_a_line(tmp_path: Path) -> None:
    text = "# mouths\nhttps://a.example/1.jpg\r\n\n  https://a.example/嘴 2.jpg  \n"
    expected = [
        ImageCandidate.at("https://a.example/1.jpg"),
        ImageCandidate.at("https://a.example/嘴 2.jpg"),
    ]
    for coding in ("utf-8", "utf-8-sig", "gb18030"):
        assert listed(tmp_path, "urls.txt", text, coding) == expected


def test_columns_of_a_table_in_any_order_and_case(tmp_path: Path) -> None:
    text = (
        'Class,URL,license,page,author,colour\nsmile,https://a.example/1.jpg,CC0,https://a.example/,"Ada, L.",red\n\n'
        ",https://a.example/2.jpg,,,,\n"
    )
    assert listed(tmp_path, "urls.CSV", text) == [
        ImageCandidate(
            Provenance("https://a.example/1.jpg", "https://a.example/", author="Ada, L.", licence="CC0"),
            proposal="smile",
        ),
        ImageCandidate.at("https://a.example/2.jpg"),
    ]
    assert listed(tmp_path, "urls.tsv", "url\ttitle\nhttps://a.example/1.jpg\tA, b\n")[0].provenance.title == "A, b"


def test_what_a_spreadsheet_saves_is_a_table_whatever_its_name(tmp_path: Path) -> None:
    expected = [
        ImageCandidate(Provenance("https://a.example/1;2.jpg", title="A, b"), proposal="微笑"),
        ImageCandidate.at("https://a.example/3.jpg"),
    ]
    tables = {
        "a.csv": 'sep=;\r\nURL; Class;Title\r\n"https://a.example/1;2.jpg";微笑;A, b\r\n;;\r\nhttps://a.example/3.jpg;;\r\n',
        "a.txt": 'url\tclass\ttitle\r\nhttps://a.example/1;2.jpg\t微笑\t"A, b"\r\nhttps://a.example/3.jpg\t\t\r\n',
    }
    for name, text in tables.items():
        for coding in ("utf-8", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-32-le"):
            assert listed(tmp_path, name, text, coding) == expected, coding


def test_addresses_in_utf_16_without_a_mark_hold_no_nul(tmp_path: Path) -> None:
    assert listed(tmp_path, "l.txt", "http://a.example/1.jpg\r\n", "utf-16-le") == [
        ImageCandidate.at("http://a.example/1.jpg")
    ]


def test_a_comma_in_an_address_without_quotes_is_never_cut_off(tmp_path: Path) -> None:
    assert listed(tmp_path, "a.csv", "url\nhttps://a.example/1,2.jpg\n") == [
        ImageCandidate.at("https://a.example/1,2.jpg")
    ]
    with pytest.raises(UsageError, match="line 2: more cells"):
        listed(tmp_path, "a.csv", "url,class\nhttps://a.example/1,2.jpg,smile\n")


def test_an_object_a_line(tmp_path: Path) -> None:
    text = '{"image_url": "https://a.example/1.jpg", "label": "pout", "size": 3, "licence_url": null}\n\n'
    assert listed(tmp_path, "urls.jsonl", text) == [
        ImageCandidate(Provenance("https://a.example/1.jpg"), proposal="pout")
    ]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", "address,class\nhttps://a.example/1.jpg,smile\n", "no column called url"),
        ("a.csv", "url,class\nhttps://a.example/1.jpg,smile\n,smile\n", "line 3: there is no url"),
        ("a.jsonl", '{"url": "https://a.example/1.jpg"}\n{"url": ', "line 2: not JSON"),
        ("a.jsonl", "[1]", "line 1: not an object"),
        ("a.jsonl", '{"url": 7}', "line 1: url is not text"),
        ("a.jsonl", '{"class": "smile"}', "line 1: there is no url"),
        ("a.csv", f"url\n{'x' * 2001}\n", "line 2: url has more than 2,000 characters"),
        (
            "a.csv",
            "url,class\nhttps://a.example/1,smile\nhttps://a.example/1,pout\n",
            "class smile and with the class pout",
        ),
        (
            "a.txt",
            "https://a.example/1\tsmile\nhttps://a.example/1\tpout\n",
            "https://a.example/1 with the class smile",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, name: str, text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        listed(tmp_path, name, text)


@pytest.mark.parametrize("text", [
    "[a photo](https://a.example/1.jpg)", "![](https://a.example/1.jpg)", "- ![x](<https://a.example/1.jpg> 'y')",
    '<img alt="x" src="https://a.example/1.jpg" width=3>', "<a href='https://a.example/1.jpg'>x</a>",
    '=HYPERLINK("https://a.example/1.jpg","x")',
])  # fmt: skip
def test_an_address_as_other_programs_write_it(tmp_path: Path, text: str) -> None:
    """A list in Markdown was called JSON; the others were tried as addresses."""
    assert [one.url for one in listed(tmp_path, "a.txt", f"{text}\n{text}\n")] == ["https://a.example/1.jpg"] * 2


def test_a_list_of_objects_under_a_text_s_name_is_json(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is JSON"):
        listed(tmp_path, "a.txt", '["https://a.example/1.jpg"]')


def test_a_host_is_the_same_in_capitals(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"https://a\.example/1 with the class smile"):
        listed(tmp_path, "a.txt", "HTTPS://A.example/1\tsmile\nhttps://a.example/1\tpout\n")


def test_an_address_twice_is_none_too_many(tmp_path: Path) -> None:
    found = listed(
        tmp_path, "a.csv", "url,class\nhttps://a.example/1,smile\nhttps://a.example/1,Smile\nhttps://a.example/1,\n"
    )
    assert len(found) == 3


def test_a_list_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_list(tmp_path / "none.txt")


@pytest.mark.long
def test_a_long_list_is_not_held(tmp_path: Path) -> None:
    file = tmp_path / "urls.csv"
    file.write_text("url,class\n" + "https://a.example/嘴.jpg,smile\n" * 100_000, encoding="gb18030")
    tracemalloc.start()
    try:
        assert sum(one.proposal == "smile" for one in read_list(file)) == 100_000
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < file.stat().st_size / 2


def test_a_list_that_is_cut_meanwhile(tmp_path: Path) -> None:
    file = tmp_path / "urls.txt"
    file.write_text("https://a.example/嘴.jpg\n")
    rows = read_list(file)
    file.write_bytes(b"\xff\xff")
    with pytest.raises(UsageError, match="changes while it is read"):
        list(rows)


@pytest.mark.parametrize(
    "line",
    [
        "<https://a.example/1.jpg?a=1&b=2>",
        '"https://a.example/1.jpg?a=1&b=2",',
        "'https://a.example/1.jpg?a=1&b=2'",
        "https://a.example/1.jpg?a=1&b=2;",
        "https://a.example/1.jpg?a=1&amp;b=2",
    ],
)
def test_what_stands_around_an_address_is_none_of_it(tmp_path: Path, line: str) -> None:
    expected = [ImageCandidate.at("https://a.example/1.jpg?a=1&b=2")]
    assert listed(tmp_path, "urls.txt", line + "\n") == expected
    if '"' not in line:
        assert listed(tmp_path, "urls.csv", f'url\n"{line}"\n') == expected


def test_a_class_stands_behind_a_tab_as_it_does_in_a_list_of_keywords(tmp_path: Path) -> None:
    found = listed(tmp_path, "urls.txt", "https://a.example/1.jpg\tsmile\nhttps://a.example/2.jpg\n")
    assert [(one.url, one.proposal) for one in found] == [
        ("https://a.example/1.jpg", "smile"),
        ("https://a.example/2.jpg", None),
    ]


def test_blank_lines_before_a_header_do_not_make_addresses_of_it(tmp_path: Path) -> None:
    found = listed(tmp_path, "urls.txt", "\n\nurl,class\nhttps://a.example/1.jpg,smile\n")
    assert [(one.url, one.proposal) for one in found] == [("https://a.example/1.jpg", "smile")]


@pytest.mark.parametrize(("name", "text"), [("a.json", '["https://a.example/1.jpg"]'), ("a.txt", '\n{"url": "x"}\n')])
def test_json_that_is_no_list_of_lines_is_called_so(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(UsageError, match="is JSON"):
        listed(tmp_path, name, text)


def test_a_column_tells_who_is_on_the_photo(tmp_path: Path) -> None:
    text = "url,Person,class\nhttps://a.example/1.jpg,Zo\u00eb Li,smile\nhttps://a.example/2.jpg,,\n"
    assert [one.person for one in listed(tmp_path, "urls.csv", text)] == ["Zo\u00eb Li", ""]


@pytest.mark.parametrize(
    "text", ["%PDF-1.4\nhttp://a.example/1.jpg\n", "\n{\\rtf1 url}", "<html><td>http://a.example/1.jpg"]
)
def test_a_document_gives_no_addresses(tmp_path: Path, text: str) -> None:
    (tmp_path / "l.txt").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"a PDF or a word|a web page"):
        list(read_list(tmp_path / "l.txt"))


COMMENTED = [
    "# by hand\nurl,class\n",
    "\n\n# url, page: see the wiki\n\nurl,class\n",
    "# url,class\n",
    "url,class\n# by, hand, too\n",
]


@pytest.mark.parametrize("name", ["a.csv", "a.txt"])
@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("head", COMMENTED)
def test_a_table_with_comments(tmp_path: Path, name: str, coding: str, head: str) -> None:
    expected = [replace(ImageCandidate.at("https://a.example/1.jpg#top"), proposal="smile")]
    assert listed(tmp_path, name, f"{head}https://a.example/1.jpg#top,smile\n", coding) == expected


def test_comments_leave_plain_text_what_it_is(tmp_path: Path) -> None:
    expected = [replace(ImageCandidate.at("https://a.example/1.jpg#top"), proposal="smile")]
    text = "# image, title: none\nhttps://a.example/1.jpg#top\tsmile\n#https://a.example/2.jpg\n"
    assert listed(tmp_path, "a.txt", text) == expected
    assert listed(tmp_path, "a.jsonl", '# c\n{"url": "https://a.example/1.jpg#top", "class": "smile"}\n') == expected


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt", "a.jsonl"])
@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n"])
def test_a_list_of_nothing(tmp_path: Path, name: str, text: str) -> None:
    assert listed(tmp_path, name, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "\u200b{0}\u200b\n\ufeff{1}", "1. {0}\n2. {1}\n", "- {0}\n* {1}", "• <{0}>\n•\t{1}", "{0}, {1}\n",
        "{0}; {1};\n", '"{0}", "{1}"', "10) {0}\r11) {1}", "\u00a0{0}\u3000\n{1}\u2060",
    ],
)  # fmt: skip
def test_addresses_in_lists_that_were_made_to_be_read(tmp_path: Path, text: str) -> None:
    first, second = "https://a.example/1.jpg", "https://a.example/2,3;4.jpg"
    assert [one.url for one in listed(tmp_path, "urls.txt", text.format(first, second))] == [first, second]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "url,image_url\nhttps://a.example/page,https://a.example/1.jpg\n"),
        ("a.csv", "Image URL;Title;URL\nhttps://a.example/1.jpg;;https://a.example/page\n"),
        ("a.csv", "url,image,page_url\n,https://a.example/1.jpg,https://a.example/page\n"),
        ("a.jsonl", '{"url": "https://a.example/page", "image_url": "https://a.example/1.jpg"}'),
        ("a.jsonl", '{"Image": "https://a.example/1.jpg", "URL": "https://a.example/page"}'),
    ],
)
def test_beside_the_picture_s_address_the_other_is_the_page_s(tmp_path: Path, name: str, text: str) -> None:
    (found,) = listed(tmp_path, name, text)
    assert (found.url, found.provenance.page_url) == ("https://a.example/1.jpg", "https://a.example/page")

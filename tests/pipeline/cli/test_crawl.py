"""`crawl` from the command line: searches and lists through a proxy that plays the web."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from db.store.store import Store
from db.tables import jobs
from tests.pipeline import commands as cli
from tests.pipeline.photos import numbered_head
from tests.web import engines as played
from tests.web.proxy import Answer, Asked, Web

HEADS = [numbered_head(n) for n in range(8)]


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    """Openverse has 30 images of anything, Wikimedia 3; image 2 is gone, and only eight are different."""
    sites = {
        "api.openverse.org": played.openverse(30),
        "commons.wikimedia.org": played.wikimedia(3),
        "img.example": played.photos(lambda n: HEADS[n % len(HEADS)], broken=["/openverse-smile/2.jpg"]),
    }
    with Web(sites, tmp_path) as web:
        yield web


@pytest.fixture
def crawl(web: Web, tmp_path: Path) -> Any:
    """The report of a crawl of one's own workspace, and its exit code."""

    def run(*words: str) -> Any:
        way = ("--proxy", web.proxy, "--ca", str(web.ca), "--executor", "serial", "--retries", "0", "--json")
        return cli.inside("crawl", *words, *way, "--workspace", str(tmp_path / "w"))

    return run


def report(done: Any) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def rows(tmp_path: Path, sql: str) -> list[tuple[Any, ...]]:
    return cli.rows(tmp_path / "w", sql)


def test_as_many_as_wanted_with_where_they_are_from(crawl: Any, tmp_path: Path) -> None:
    done = crawl("smile", "--engine", "openverse", "--total", "5", "--class", "smile")
    images = report(done)["images"]
    assert images["added"] == 5
    assert images["unavailable"] <= 1
    assert rows(tmp_path, "SELECT kind, location FROM sources") == [("search", "openverse: smile")]
    assert rows(tmp_path, "SELECT DISTINCT author, licence, engine, query FROM provenance") == [
        ("Ada", "CC BY-SA 2.0", "openverse", "smile")
    ]
    assert rows(tmp_path, "SELECT DISTINCT c.name FROM images i JOIN classes c ON c.id = i.proposal") == [("smile",)]
    assert rows(tmp_path, "SELECT DISTINCT storage FROM images") == [("stored",)]
    assert [path for path in (tmp_path / "w" / ".incoming").rglob("*") if path.is_file()] == []


def test_the_same_command_goes_on_and_then_has_nothing_to_do(crawl: Any, web: Web, tmp_path: Path) -> None:
    crawl("smile", "--engine", "openverse", "--total", "3")
    fetched = {one.path for one in web.of("img.example")}
    report(crawl("smile", "--engine", "openverse", "--total", "6"))
    again = [one.path for one in web.of("img.example")][len(fetched) :]
    assert not (set(again) - {"/openverse-smile/2.jpg"}) & fetched  # what is there is not fetched again
    assert rows(tmp_path, "SELECT count(*) FROM images")[0][0] == 6
    asked = len(web.of("img.example"))
    assert sum(report(crawl("smile", "--engine", "openverse", "--total", "6"))["images"].values()) == 0
    assert len(web.of("img.example")) == asked


def test_keywords_of_a_file_share_the_number(crawl: Any, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_bytes("smile\tsmile\n\n嘟嘴\tpout\n".encode("gb18030"))
    crawl("--keywords", str(tmp_path / "words.txt"), "--engine", "openverse", "--engine", "wikimedia", "--total", "6")
    found = dict(rows(tmp_path, "SELECT query, count(*) FROM provenance p JOIN sightings g ON g.id = p.sighting "
                                "WHERE g.outcome <> 'unavailable' GROUP BY query"))  # fmt: skip
    assert found == {"smile": 3, "嘟嘴": 3}


def test_a_list_with_its_columns(crawl: Any, tmp_path: Path) -> None:
    lines = [
        "url,class,licence,page",
        *(f"https://img.example/a/{n}.jpg,pout,CC0,https://page.example/{n}" for n in range(3)),
    ]
    (tmp_path / "urls.csv").write_text(
        "\n".join([*lines, "https://img.example/openverse-smile/2.jpg,,,", "ftp://x/y,,,"])
    )
    images = report(crawl("--list", str(tmp_path / "urls.csv")))["images"]
    assert (images["added"], images["unavailable"]) == (3, 2)
    assert rows(tmp_path, "SELECT kind, location FROM sources") == [("list", str(tmp_path / "urls.csv"))]
    reasons = dict(rows(tmp_path, "SELECT location, reason FROM sightings WHERE outcome = 'unavailable'"))
    assert reasons == {
        "https://img.example/openverse-smile/2.jpg": "the server answers 404",
        "ftp://x/y": "only http and https are fetched, not ftp",
    }


def test_an_engine_that_blocks_is_an_error_with_words(crawl: Any, web: Web, tmp_path: Path) -> None:
    web.sites["api.openverse.org"] = lambda _: Answer(b"", 403)
    done = crawl("smile", "--engine", "openverse", "--total", "5")
    assert done.returncode == 1
    assert "Openverse blocks this machine for now" in done.stderr
    assert rows(tmp_path, "SELECT state FROM jobs") == [("failed",)]


def test_another_engine_takes_over_and_the_refusal_is_told(crawl: Any, web: Web, tmp_path: Path) -> None:
    web.sites["api.openverse.org"] = lambda _: played.ROBOT
    done = crawl("smile", "--engine", "openverse", "--engine", "wikimedia", "--total", "3")
    assert report(done)["images"]["added"] == 3
    ((counts,),) = rows(tmp_path, "SELECT json_extract(counts, '$.notes[0].blocked') FROM jobs")
    assert counts == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "give keywords to search for, or --list"), (("smile", "--engine", "serpapi"), "set SERPAPI_KEY"),
        (("smile", "--class", "grin"), "no class is called 'grin'"), (("smile", "--total", "0"), "between 1 and"),
        (("--list", "/none.csv"), "cannot be read"), (("smile", "--list", "/none.csv"), "one of both"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(crawl: Any, words: tuple[str, ...], told: str) -> None:
    done = crawl(*words)
    assert done.returncode == 2
    assert told in done.stderr


def test_cancelled_while_an_engine_asks_for_a_rest(web: Web, tmp_path: Path) -> None:
    with Store.open(tmp_path / "w") as store:
        job = store.write(lambda db: jobs.start_job(db, "crawl", {}))

        def busy(_: Asked) -> Answer:
            store.write(lambda db: jobs.request_cancel(db, job))
            return Answer(b"", 429, headers={"Retry-After": "30"})

        web.sites["api.openverse.org"] = busy
        way = ("--proxy", web.proxy, "--ca", str(web.ca), "--executor", "serial", "--workspace", str(tmp_path / "w"))
        assert cli.inside("crawl", "smile", "--engine", "openverse", "--job", job, *way).returncode == 130
    assert rows(tmp_path, "SELECT state FROM jobs") == [("cancelled",)]
    feeders = [one for one in threading.enumerate() if one.name == "moue-wanted"]
    for one in feeders:
        one.join(20)
    assert not any(one.is_alive() for one in feeders)
    assert len(web.asked) == 1


def test_cancelled_before_it_began(crawl: Any, web: Web, tmp_path: Path) -> None:
    with Store.open(tmp_path / "w") as store:
        job = store.write(lambda db: jobs.start_job(db, "crawl", {}))
        store.write(lambda db: jobs.request_cancel(db, job))
    assert crawl("smile", "--engine", "openverse", "--job", job).returncode == 130
    assert web.asked == []
    assert rows(tmp_path, "SELECT state FROM jobs") == [("cancelled",)]


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.txt", ""), ("b.txt", "\n\n"), ("c.txt", "# nothing yet\n"), ("d.csv", "url,class\n"), ("e.jsonl", "")],
)
def test_a_list_without_an_address_is_a_wrong_call(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    done = cli.inside("crawl", "--list", tmp_path / name, "--workspace", tmp_path / "w")
    assert (done.returncode, "holds no address" in done.stderr) == (2, True), done.stderr
    assert done.stdout == ""


def test_the_persons_of_a_list_are_kept(crawl: Any, tmp_path: Path) -> None:
    lines = [
        "url,person",
        *(f"https://img.example/openverse-smile/{n}.jpg,{who}" for n, who in ((4, "Ann"), (5, "Ann"), (6, "Ben"))),
    ]
    (tmp_path / "list.csv").write_text("\n".join(lines), "utf-8")
    assert report(crawl("--list", str(tmp_path / "list.csv")))["images"]["added"] == 3
    told = cli.inside_json("people", "--workspace", tmp_path / "w")["people"]
    assert [(one["name"], one["photos"], one["told_by"]) for one in told] == [
        ("Ann", 2, ["list"]),
        ("Ben", 1, ["list"]),
    ]

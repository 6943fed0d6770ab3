"""Databases of every released schema open as today's, whole; and no released migration ever changes."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from db.decisions.verify import verify
from db.schema import migrate
from db.store.store import Store
from tests.db.schema.make_fixtures import FIXTURES, versions

RELEASED = {
    "0001_first": "cf7bb36c86aa5bfcdb9c3f28935fff47a2d18d6b8487419f3af34e9398bcf15e",
    "0002_cleaning": "3eda08083b98fa567441af04db0bc68045e085847385bd0271c5cd72cf7c7662",
    "0003_review": "5c5501a8fe012aff4282986548053dc5bce16ae912886f6d4fd745992b684f03",
    "0004_web": "1645ce652a7f9bc2c31d90a0def47b6461e6a55740728445bc281c761c499af3",
    "0005_licences": "03827c7a8cc812856ea08a0a300563cca7e4b1876929f331fe847afbd3988c7e",
    "0006_parts": "e60046217ebf418f354efbc0e1e7e126d5704bcfb367820530f76b29c5fc47e7",
    "0007_identities": "1ad849f2ec2f49e2bcc4dbc552f04b19ef9ca3cdea26c9498fa07d74bb0edd4f",
    "0008_digests": "33f1b98aeac83e57c987359116cd57fc99e5ca26e0faa43dca5f4c294f053f4d",
    "0009_messages": "022f8dbaa1a13b3f00ce8f0574a6dd8e85f019628ce160e68860cf577c52d25f",
    "0010_names": "d1a59fa3b074c3fc358e7983913f0325c399c2630b9677006ae5257905939f0f",
    "0011_secrets": "9b8b0033982570fe8bce09195a9b9286f713b936a82bedec067bca7752528fd7",
    "0012_files": "5409cb10bae55f6e77c5652121bea2928e77d78e596a0b9ce86150a03e9b906b",
    "0013_passed_over": "48783e720d0d1e1f111b500de919542a3713d9e6084051302f5ffbf2349c3f0b",
    "0014_likeness": "ce6b466e98d928f9338578b484c626bbba0c541c8df41f84bb9d35c443cd6079",
    "0015_near_copies": "1a513d64f52267ac09ba41a308e46a9cc948ef1b891db2cb994bd4942e9f9a7c",
    "0016_filled": "17f2396110ca5a6f07a846183726d22eeb7b1b240f646054a26b3c81e40997b0",
    "0017_looks": "964213ac2c71f6cd6f24f06214306a1e5b6261845450ea68efa224030db5adc5",
    "0018_covered": "3172197f55ff09cb7d8aff0ec701c213160e86e2be1a8e981e7a710550df1057",
    "0019_team": "6e082d4cd6de6fc669af05c290b102589e7367120ef3ad8973011df0c5cd032e",
    "0020_opinions": "160e757723b810e0bc4174f6e026cbdcb66d55ccaca1a5f576ae63a521f15a1b",
    "0021_suggestions": "675bb812f34380bf1e55154fab56f75ba8e412ecf6dbd30424e800f1ac86cbfa",
    "0022_slips": "6114682de463358285e8e411609371f3fa489e57e1e7590dcaadc5c7309ffe9d",
    "0023_meshes": "0efa10509932753dcb09747fbcb81ab1ac5f5a6b4d212471d1683c1d482b49fd",
    "0024_descriptors": "0ac6987f7f6bbc67867052fb793dddb2ed08a921a5aa1ffbfe05c87efa5e692f",
    "0025_refused_ops": "526179d4819db2a9ce496523e5f26ec9565c5279d28612e1680866de25b6743e",
    "0026_placements": "6bc62e70d118f0a806ae1d19e19981f8f6a0cc57c44fdebc49d55599196ad221",
    "0027_landmark_model": "70192736d38a0eb5d6b50e51045856aa4eb95120b805a621288adb28c7cffa00",
    "0028_tokens": "08f32759d0c1f2ba198b95083bd437c23f968a58c28329f4aee5ddeae8283595",
    "0029_selections": "261615c4e73461a62aacc119263ccdfdad35a2c1323e7f390df5e02b959068b1",
    "0030_people": "63c72fac4357a9fff980db33ea537c87a3b34fea146586b61e6c7165906d9db1",
    "0031_release_manifests": "484932316c1f20d91ffbb9e61e8cc4a1ef5d387de541fa0041da3f794c9506d2",
    "0032_told_together": "8aa7d395fbc817dc4e7dbcb39a5d9ef76d7d6c98e138110ae6ef116186f43ebe",
    "0033_column_tokens": "36d92833a441f56b1cbe0aafd3c57a20d38be40282a16677b6cbdd81a946f123",
}
"""SHA-256 of each migration that people may have applied."""


def opened(version: str, folder: Path) -> Path:
    """The kept database of a version, as a file in a workspace."""
    file = folder / "moue.db"
    with sqlite3.connect(file) as conn:
        conn.executescript((FIXTURES / f"{version}.txt").read_text("utf-8"))
    conn.close()
    return file


def master(file: Path) -> list[tuple[str, str, str, str | None]]:
    conn = sqlite3.connect(file)
    found = conn.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").fetchall()
    conn.close()
    return found


def contents(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every table but the migrations' own and what is folded from others."""
    derived = {"_sqlite_migrations", "sqlite_sequence", "face_columns", "face_changes", "table_digests"}
    conn = sqlite3.connect(file)
    names = [n for (n,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'") if n not in derived]
    found = {}
    for name in names:
        columns = [row[1] for row in conn.execute(f"SELECT * FROM pragma_table_info('{name}')")]
        order = ", ".join(columns)
        found[name] = conn.execute(f"SELECT {order} FROM {name} ORDER BY {order}").fetchall()
    conn.close()
    return found


def test_every_version_has_a_kept_database() -> None:
    assert sorted(path.stem for path in FIXTURES.glob("*.txt")) == versions()


@pytest.mark.long_but(8)
@pytest.mark.parametrize("version", versions())
def test_a_kept_database_becomes_what_a_fresh_one_is(version: str, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    file = opened(version, tmp_path / "old")
    Store.open(tmp_path / "old").close()
    Store.open(tmp_path / "fresh").close()
    assert master(file) == master(tmp_path / "fresh" / "moue.db")


@pytest.mark.long_but(8)
@pytest.mark.parametrize("version", versions())
def test_a_kept_database_keeps_its_rows_and_is_whole(version: str, tmp_path: Path) -> None:
    file = opened(version, tmp_path)
    before = contents(file)
    assert all(before[name] for name in ("images", "faces", "decisions", "face_state", "sightings", "releases", "jobs"))
    with Store.open(tmp_path) as store:
        assert store.read(verify) == []
    after = contents(file)
    for name, rows in before.items():
        width = len(rows[0]) if rows else 0
        assert sorted(str(row[:width]) for row in after[name]) == sorted(map(str, rows)), name
        assert len(after[name]) == len(rows), name


def test_no_released_migration_has_changed() -> None:
    scripts = {name: hashlib.sha256(sql.encode()).hexdigest() for name, sql in migrate.SCRIPTS.items()}
    assert {name: scripts[name] for name in RELEASED} == RELEASED
    assert list(scripts)[: len(RELEASED)] == list(RELEASED)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"proxy": "http://ada:pw@proxy:3128", "total": 5}', '{"proxy":"http://proxy:3128","total":5}'),
        ('{"proxy": "socks5://proxy:1080"}', '{"proxy": "socks5://proxy:1080"}'),
        ('{"proxy": ""}', '{"proxy": ""}'),
        ('{"paths": ["/a@b"]}', '{"paths": ["/a@b"]}'),
    ],
)
def test_passwords_of_proxies_that_were_kept_go(tmp_path: Path, before: str, after: str) -> None:
    file = opened("0010_names", tmp_path)
    conn = sqlite3.connect(file, isolation_level=None)
    conn.execute("UPDATE jobs SET params = ?", [before])
    conn.close()
    Store.open(tmp_path).close()
    conn = sqlite3.connect(file)
    assert conn.execute("SELECT params FROM jobs").fetchall() == [(after,)]
    conn.close()

"""Crops of before get their share that is no photo, as counted pixel by pixel; and are told apart by their border."""

from __future__ import annotations

import math
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.decisions.verify import verify
from db.reads.counts import BLACK, black_bars
from db.schema.migrations.m0016_0030.m0016_filled import _filled
from db.store.store import Store
from pipeline.core.border import filled_share
from pipeline.core.geometry import CropBox
from pipeline.core.records import Settings
from tests.db.schema.test_released import opened


def counted(x: int, y: int, w: int, h: int, width: int, height: int) -> float:
    inside = sum(0 <= x + i < width and 0 <= y + j < height for i in range(w) for j in range(h))
    return 1 - inside / (w * h)


def test_every_crop_of_a_kept_database_has_its_share(tmp_path: Path) -> None:
    file = opened("0006_parts", tmp_path)
    with sqlite3.connect(file) as conn:  # one far out at a corner, one by a single row, the rest as they were kept
        first, second, *_ = [seq for (seq,) in conn.execute("SELECT seq FROM faces ORDER BY seq")]
        size = "SELECT i.height FROM images i WHERE i.sha256 = faces.sha256"
        conn.execute("UPDATE faces SET crop_x = -7, crop_y = -3 WHERE seq = ?", [first])
        conn.execute(f"UPDATE faces SET crop_x = 0, crop_y = ({size}) - crop_height + 1 WHERE seq = ?", [second])
    conn.close()
    with Store.open(tmp_path) as store:
        sql = """
        SELECT q.filled, f.crop_x, f.crop_y, f.crop_width, f.crop_height, i.width, i.height
        FROM face_quality q JOIN faces f USING (seq) JOIN images i ON i.sha256 = f.sha256 ORDER BY seq
        """
        rows = store.read(lambda db: db.execute(sql).fetchall())
        assert rows[0][0] > 0
        assert rows[1][0] > 0
        for filled, *place in rows:
            assert filled / 10_000 == pytest.approx(counted(*place), abs=5e-5)
        assert store.read(black_bars) == sum(row[0] > 0 for row in rows)
        assert store.read(verify) == []


@given(
    st.integers(-50, 80), st.integers(-50, 80), st.integers(2, 60), st.floats(-180, 180), st.integers(1, 90),
    st.integers(1, 90),
)  # fmt: skip
def test_the_kept_function_agrees_with_todays(x: int, y: int, side: int, angle: float, width: int, height: int) -> None:
    now = filled_share(CropBox(x, y, side, side, angle), width, height)
    assert math.isclose(_filled(x, y, side, side, angle, width, height) / 10_000, now, abs_tol=5.1e-5)


@pytest.mark.parametrize("detector", ["yunet", "hog", "course"])
@pytest.mark.parametrize("border", ["push", "reflect", "black"])
@pytest.mark.parametrize("older", [False, True])
def test_the_index_tells_what_the_settings_do(detector: str, border: str, older: bool) -> None:
    noted = "" if older else Settings(detector, border=border).processing  # type: ignore[arg-type]
    with sqlite3.connect(":memory:") as conn:
        (black,) = conn.execute(f"SELECT {BLACK} FROM (SELECT ? AS processing)", [noted]).fetchone()
    conn.close()
    assert bool(black) == (Settings.of_processing(noted).border == "black")

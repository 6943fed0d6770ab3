"""What is said of the landmarker's file in docs/licences is so, and the licence's text is carried."""

from __future__ import annotations

import hashlib

from models import landmarker
from tests.docs.pages import ROOT

LICENCES = ROOT / "docs" / "licences"


def test_the_notice_tells_the_files_size_and_digest() -> None:
    notice = (LICENCES / "face-landmarker.txt").read_text("utf-8")
    assert f"{landmarker.SIZE:,} bytes" in notice
    assert landmarker.LANDMARKER.sha256 in notice
    assert "Apache-2.0.txt" in notice


def test_the_text_of_the_apache_licence_is_whole() -> None:
    text = (LICENCES / "Apache-2.0.txt").read_bytes()
    assert hashlib.sha256(text).hexdigest() == "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
    assert b"END OF TERMS AND CONDITIONS" in text


def test_the_extra_asks_for_the_package_that_is_checked() -> None:
    lines = (ROOT / "requirements-landmarker.txt").read_text("utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == [landmarker.LANDMARKER.requirement.split()[-1]]

"""A backup put back from the page: the server begins anew by itself, and so do the pages that are open."""

from __future__ import annotations

import os
import urllib.request
from typing import Any

import pytest

from tests.e2e.conftest import FACES, Server, visiting
from tests.e2e.grid import becomes, press, shown, wait_saved

UNDECIDED = (None, None, None)


def answers(server: Server) -> bool:
    try:
        with urllib.request.urlopen(f"{server.address}/api/alive", timeout=5):
            return True
    except OSError:
        return False


@pytest.mark.long
def test_the_server_begins_anew_with_it_and_every_page_comes_back(chromium: Any, server: Server) -> None:
    server.stop()
    server.start(cold=True)  # what was forked would not begin anew as a user's does
    assert server.process is not None
    process = server.process.pid
    with visiting(chromium, server, "review") as page:
        page.locator(".card.focused.loaded").wait_for()
        press(page, "1")
        wait_saved(page)
        team = page.context.new_page()
        team.goto(f"{server.address}/team?section=backups")
        team.get_by_role("button", name="Back up now").click()
        team.get_by_text("Put a backup back").wait_for()
        press(page, "2", "1")
        wait_saved(page)
        assert server.standing() == 3
        before = server.verdicts()
        team.reload()
        team.get_by_text("Put a backup back").click()
        team.get_by_text("Since then there came 2 decisions. They will not be in the workspace any more.").wait_for()
        put_back = team.get_by_role("button", name="Put back", exact=True)
        becomes(put_back.is_disabled)
        team.get_by_text("Put it in the place of what is there now").click()
        put_back.click()
        becomes(lambda: answers(server), False)
        press(page, "1")  # on the fourth face, for the server that comes
        team.get_by_text("is in place; what was there before lies in backups/before-restore-").wait_for()
        os.kill(process, 0)  # the same process, as whoever keeps it running sees it
        assert server.rows("SELECT annotator FROM audit WHERE action = 'restore'") == [("Ann",)]
        becomes(lambda: page.locator("#moue-away").count(), 0)
        becomes(server.standing, 2)
        page.locator(".page", has_text=f"of {FACES - 2}").wait_for()  # the two that are undecided again among them
        becomes(lambda: [shown(page, at) for at in range(4)], [shown(page, 5)] * 4)
        assert server.verdicts()[:4] == [before[0], UNDECIDED, UNDECIDED, before[0]]
        team.close()

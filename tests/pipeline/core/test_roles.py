"""Roles and actions: the table itself. That it is kept, at every door, is tests/pages/test_roles_at_every_door.py."""

from __future__ import annotations

from typing import get_args

import pytest

from pipeline.core import roles
from pipeline.core.errors import NotAllowedError, UsageError
from pipeline.core.roles import ABOUT, LOWEST, ROLES, Action, Role


def test_the_table_says_all_of_every_action() -> None:
    assert set(LOWEST) == set(ABOUT) == set(get_args(Action))
    assert set(LOWEST.values()) == set(ROLES)


@pytest.mark.parametrize("action", get_args(Action))
def test_who_may_more_may_all_that_others_may(action: Action) -> None:
    allowed = [roles.may(role, action) for role in ("viewer", "annotator", "reviewer", "owner")]
    assert allowed == sorted(allowed)
    assert allowed[-1]


def test_a_viewer_only_looks_by_themselves_or_by_a_script() -> None:
    assert [action for action in LOWEST if roles.may("viewer", action)] == ["see", "tokens"]


@pytest.mark.parametrize("action", ["classes", "settings", "roles", "erase", "restore", "consensus_rule", "sources"])
def test_what_holds_for_all_is_the_owner_s(action: Action) -> None:
    assert not roles.may("reviewer", action)


@pytest.mark.parametrize("role", ROLES)
def test_a_refusal_names_the_role_that_one_has_and_the_one_that_it_takes(role: Role) -> None:
    roles.check("owner", "erase")
    if role != "owner":
        with pytest.raises(NotAllowedError, match=f"your role here is {role}; this takes owner"):
            roles.check(role, "erase")


def test_a_role_is_found_by_its_name() -> None:
    assert roles.as_role(" Owner") == "owner"
    with pytest.raises(UsageError, match="there is no role boss; the roles are owner, reviewer, annotator, viewer"):
        roles.as_role("boss")

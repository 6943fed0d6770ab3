"""The part of the messages' table that tells of people, roles and the audit; see `message_table`."""

from __future__ import annotations

from typing import Final

ROLE_PARTS: Final[dict[str, str]] = {
    "role_owner": "owner",
    "role_reviewer": "reviewer",
    "role_annotator": "annotator",
    "role_viewer": "viewer",
}
"""They are no sentences: each stands inside another message."""

TEAM: Final[dict[str, str]] = {
    "not_allowed": "your role here is {role}; this takes the role {needed}, which an owner can give you on the page"
    " Team",
    "not_allowed_owner": "your role here is {role}; this takes the role {needed}",
    "role_unknown": "there is no role {role}; the roles are {roles}",
    "role_missing": "say which role {name} shall have: owner, reviewer, annotator or viewer",
    "role_person_unknown": "nobody here is called {name}",
    "role_last_owner": "{name} is the only owner: make somebody else an owner first",
    "role_newcomers": "newcomers cannot be owners: give them reviewer, annotator or viewer",
    "handout_person_unknown": "nobody here is called {name}: whom faces are handed out to has signed in once",
    "handout_again": "these faces are handed out to {name} already",
    "time_malformed": "a time is written 2026-01-31T09:05:07.123Z",
    "name_reserved": "{name} stands for what is done at the command line: take another name",
}

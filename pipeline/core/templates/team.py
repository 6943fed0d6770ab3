"""The part of the messages' table that tells of people, roles and the audit; see `message_table`."""

from __future__ import annotations

from typing import Final

CONSENSUS_PARTS: Final[dict[str, str]] = {
    "rule_latest": "the latest answer counts",
    "rule_majority": "what most people answered counts",
    "rule_majority_of": "what most people answered counts, once {n} have answered",
    "rule_adjudicated": "what all people answered counts, or an adjudication",
    "rule_adjudicated_of": "what all people answered counts, once {n} have, or an adjudication",
    "rule_dawid_skene": "the likeliest answer counts (Dawid–Skene), if it is at least {p} likely",
    "rule_dawid_skene_of": "the likeliest answer counts (Dawid–Skene), once {n} have answered, if it is at least {p}"
    " likely",
}
"""What a consensus rule is, as exports and pages say it."""

ROLE_PARTS: Final[dict[str, str]] = {
    "role_owner": "owner",
    "role_reviewer": "reviewer",
    "role_annotator": "annotator",
    "role_viewer": "viewer",
}
"""They are no sentences: each stands inside another message."""

TEAM: Final[dict[str, str]] = {
    "not_allowed": "your role here is {role}; this takes {needed}: ask an owner for it",
    "not_allowed_owner": "your role here is {role}; this takes {needed}",
    "role_unknown": "there is no role {role}; the roles are {roles}",
    "role_missing": "say which role {name} shall have: owner, reviewer, annotator or viewer",
    "role_person_unknown": "nobody here is called {name}",
    "role_last_owner": "{name} is the only owner: make somebody else an owner first",
    "role_newcomers": "newcomers cannot be owners: give them reviewer, annotator or viewer",
    "handout_person_unknown": "nobody here is called {name}: whom faces are handed out to has signed in once",
    "opinions_setting": "a share lies between 0 and 1, and two or three people answer: not {share} and {wanted}",
    "gold_share": "a batch has at most half of its faces from gold: not {share}",
    "gold_blind": "people still answer face {face} without seeing each other: it can be gold once they have",
    "gold_undecided": "nothing counts on face {face} yet: decide on it before its answer can be the known one",
    "handout_again": "these faces are handed out to {name} already",
    "time_malformed": "a time is written 2026-01-31T09:05:07.123Z",
    "consensus_by_whom": "say by --annotator who changes the rule",
    "consensus_not_fitted": "a Dawid–Skene rule is fitted to the answers first: change it through the page Team or"
    " `consensus --rule dawid-skene`",
    "consensus_nothing_to_fit": "nobody has answered yet: there is nothing to fit a rule to",
    "consensus_no_fit": "the rule {name} is not fitted to answers: there is nothing to fit anew",
    "consensus_recounting": "faces are being counted anew under another consensus rule, {n} are left: ask again once"
    " they are",
    "recount_busy": "the faces of {root} are being counted anew by another process: wait for it",
    "consensus_nothing_to_undo": "the rule was not changed yet: there is nothing to undo",
    "name_reserved": "{name} stands for what is done at the command line: take another name",
}

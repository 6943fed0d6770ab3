"""Applies the quality rules until nothing is pending."""

from __future__ import annotations

from collections.abc import Callable

from db.decisions import rules
from db.store.store import Store


def apply_rules(store: Store, report: Callable[[int], object] = lambda done: None) -> int:
    """Do the pending rejects of rules that are on and the pending undos of rules that are off; returns their number.

    Written in chunks, so that other annotators' decisions are saved in between, and looked at first outside a write:
    mostly nothing is pending, and to find that out reads all rejects of each rule. report: called after each chunk with
    the number so far; if it raises, the chunks before are kept and the next call continues.
    """
    done = 0
    if not store.read(rules.is_pending):
        return done
    while chunk := store.write(rules.apply_active_rules):
        done += chunk
        report(done)
    return done

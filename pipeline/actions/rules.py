"""What the quality rules still have to do, done to its end."""

from __future__ import annotations

from collections.abc import Callable

from db.decisions import rules
from db.store.store import Store


def apply_rules(store: Store, report: Callable[[int], object] = lambda done: None) -> int:
    """Reject what rules that are on reject, take back what rules that were switched off rejected; returns the faces.

    Chunk by chunk, so that other people's decisions are saved in between. report: called with the faces done so far
    after each chunk; what it raises stops here, and the next call goes on.
    """
    done = 0
    while chunk := store.write(rules.apply_active_rules):
        done += chunk
        report(done)
    return done

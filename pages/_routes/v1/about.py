"""What the workspace holds, and the document that describes this interface."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import anyio.to_thread
from starlette.requests import Request

from db.reads.counts import workspace_counts
from db.store.store import Db
from db.tables.classes import list_classes
from pages._routes.v1.operation import Caller, Operation
from pages._server import workspace
from pipeline.core.records import ClassSpec
from pipeline.core.roles import Role
from pipeline.core.version import VERSION


@dataclass(frozen=True, slots=True)
class You:
    """Who asks, and what they may do here."""

    annotator: str
    role: Role


@dataclass(frozen=True, slots=True)
class Status:
    """labels: accepted faces by class; waiting_for: why how many wait; consensus: the rule that says what counts;
    recounting: how many faces may still count under the rule before it."""

    version: str
    you: You
    images: int
    faces: int
    decisions: int
    undecided: int
    waiting: int
    accepted: int
    rejected: int
    unsure: int
    outcomes: dict[str, int]
    labels: dict[str, int]
    waiting_for: dict[str, int]
    consensus: str
    recounting: int
    classes: tuple[ClassSpec, ...]


async def status(_request: Request, caller: Caller, _body: None) -> Status:
    def work(db: Db) -> Status:
        counts = workspace_counts(db)
        told = asdict(counts)
        same = ("images", "faces", "decisions", "undecided", "waiting", "accepted", "rejected", "unsure")
        return Status(
            version=VERSION,
            you=You(caller.annotator, caller.role),
            outcomes={str(name): number for name, number in counts.by_outcome.items()},
            labels=dict(counts.by_class),
            waiting_for=dict(counts.by_waiting),
            consensus=counts.consensus.slug,
            recounting=counts.recounting or 0,
            classes=tuple(list_classes(db)),
            **{name: told[name] for name in same},
        )

    return await anyio.to_thread.run_sync(lambda: workspace.get_store().read(work))


operations = (
    Operation("GET", "/status", "status", "see", "What the workspace holds, and who you are", status, Status),
)

"""A simulated annotator at the real page: how many keys a face labelling with suggestions takes, how right it ends.

    python -m tests.bench.suggest.annotator FOLDER LABELS.csv [--faces 600] [--seed 0]

LABELS.csv has the columns file (below FOLDER) and label (a class of a new workspace). The annotator never errs: it
takes batches with suggestions, gives a wrong one its key, confirms the others by Enter with a threshold of 0, since it
looks at each, and behind the stop confirms the rest page by page, unseen. The pointer that goes to a card is told
apart from the keys. Of fewer photos than faces mirrored and trimmed copies are made, which tell the learner nothing
new.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import random
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from db.store.store import Store
from db.tables.classes import archive_class, list_classes
from pipeline.actions.suggest.train import train
from pipeline.core.errors import BusyError
from tests.bench.review import browser as web
from tests.bench.review.person import CountedInput
from tests.bench.review.server import MOUE, Server, ingest, load_average, serve, vary

BATCH: Final = 24
_PATIENCE_S: Final = 120
_CARDS: Final = """
all => all.map((card) => ({ id: card.dataset.id, place: Number(card.dataset.at), decided: card.dataset.verdict !== "",
  hint: card.querySelector(".hint").textContent }))
"""
_CHIPS: Final = """
all => all.map((chip) => [chip.querySelector(".name").textContent, chip.querySelector(".letter").textContent,
  chip.querySelector("kbd").textContent])
"""


@dataclass
class Annotator:
    """truth: face id -> class name. looked: the faces that were looked at."""

    page: Any
    server: Server
    store: Store
    truth: Mapping[str, str]
    inputs: CountedInput
    looked: set[str] = field(default_factory=set)
    letters: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def work(self) -> None:
        """Until nothing is left."""
        web.open_review(self.page, self.server, f"size={BATCH}")
        for name, letter, key in self.page.locator(".brush .chip").evaluate_all(_CHIPS):
            self.letters[letter], self.keys[name] = name, key
        self._press("With suggestions")
        self.page.locator(".threshold input").fill("0")
        self.inputs.count("clicks")
        while self.page.locator(".card").count() and not self._rest_button().count():
            self._look()
        while self._rest_button().count():
            self._press("Confirm the rest")
            while self.page.locator(".card").count():
                self._enter()

    def _look(self) -> None:
        """One class of a batch."""
        cards = [card for card in self._cards() if not card["decided"]]
        self.looked |= {card["id"] for card in cards}
        wrong = [card for card in cards if self.letters.get(card["hint"]) != self.truth[card["id"]]]
        for card in wrong:
            self.inputs.count("clicks on cards")
            self.page.locator(f".card[data-at='{card['place']}']").click()
            self.inputs.key(self.keys[self.truth[card["id"]]])
        self._enter()

    def _enter(self) -> None:
        """Confirms what is left, or turns to what comes next; then waits for that."""
        before = self._shown()
        self._train()
        self.inputs.key("Enter")
        self._until(lambda: self._shown() != before)

    def _press(self, name: str) -> None:
        before = self._shown()
        self.inputs.count("clicks")
        self.page.get_by_role("button", name=name).first.click()
        self._until(lambda: self._shown() not in (before, ""))

    def _rest_button(self) -> Any:
        return self.page.get_by_role("button", name="Confirm the rest")

    def _cards(self) -> list[dict[str, Any]]:
        return list(self.page.locator(".card").evaluate_all(_CARDS))

    def _shown(self) -> str:
        """Another text whenever other cards are shown."""
        return " ".join(sorted(card["id"] for card in self._cards()))

    def _train(self) -> None:
        """What the server does by itself after 25 decisions, here before each batch: a person takes longer for one."""
        if self.page.locator(".status:not([data-pending='0'])").count():
            web.wait_saved(self.page)
        if self._untrained() >= BATCH - 4:  # not after each class of a batch
            with contextlib.suppress(BusyError):  # the server is at it
                train(self.store)

    def _untrained(self) -> int:
        """Decisions that the newest model does not know of."""
        heads = self.server.rows("SELECT head FROM suggestion_models WHERE ready = 1 ORDER BY version DESC LIMIT 1")
        newest = int(self.server.rows("SELECT ifnull(max(seq), 0) FROM decisions")[0][0])
        return newest - int((heads[0][0] or "0").partition(":")[0])

    def _until(self, true: Any) -> None:
        end = time.monotonic() + _PATIENCE_S
        while not true():
            if time.monotonic() > end:
                raise RuntimeError(
                    f"the page did not go on: {self.page.url}, {self.page.locator('.moue').inner_text()}"
                )
            self.page.wait_for_timeout(50)


def read_labels(folder: Path, file: Path) -> dict[Path, str]:
    """Photo -> label. Raises OSError."""
    with file.open(encoding="utf-8", newline="") as stream:
        return {folder / row["file"]: row["label"] for row in csv.DictReader(stream)}


def only_classes(workspace: Path, names: set[str]) -> None:
    """Put the other classes away: nobody suggests them then."""
    with Store.open(workspace) as store:
        for spec in store.read(list_classes):
            if spec.name not in names:
                store.write(lambda db, number=spec.id: archive_class(db, number))


def true_classes(server: Server, labels: Mapping[str, str]) -> dict[str, str]:
    """Face id -> class name. labels: by the name of the file."""
    sql = "SELECT f.id, g.location FROM faces f JOIN sightings g ON g.sha256 = f.sha256"
    return {face: labels[Path(location).name] for face, location in server.rows(sql)}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.suggest.annotator", description=__doc__.splitlines()[0]
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--faces", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the server ends with us
    known = read_labels(args.folder, args.labels)
    photos = sorted(known)
    random.Random(args.seed).shuffle(photos)
    photos = photos[: args.faces]
    with tempfile.TemporaryDirectory(prefix="moue-annotator-") as name, web.chromium() as browser:
        scratch = Path(name)
        vary(photos, args.faces, scratch / "photos")
        labels = {f"{n:04}.png": known[photos[n % len(photos)]] for n in range(args.faces)}
        faces = ingest(scratch / "template", scratch / "photos")
        only_classes(scratch / "template", set(labels.values()))
        print(f"{faces} faces of {len(photos)} photos, load average {load_average()}", flush=True)
        with Store.open(scratch / "template") as store:
            train(store)
        with serve(MOUE, scratch / "template", scratch) as server, web.visit(browser, server, "Ann") as page:
            with Store.open(server.workspace) as store:
                person = Annotator(page, server, store, true_classes(server, labels), CountedInput(page))
                person.work()
            report(person)


def report(person: Annotator) -> None:
    sql = "SELECT s.face_id, c.name FROM face_state s JOIN classes c ON c.id = s.class_id"
    said = dict(person.server.rows(sql))
    all_ = len(person.truth)
    right = sum(person.truth[face] == name for face, name in said.items())
    counts = person.inputs.counts
    print(f"keys a face             {counts.get('keys', 0) / all_:.3f}   (aim .22 plain, .15 with the landmarker)")
    print(f"clicks on cards a face  {counts.get('clicks on cards', 0) / all_:.3f}; other clicks {counts['clicks']}")
    print(f"looked at               {len(person.looked) / all_:.3f}")
    print(f"labelled                {len(said)} of {all_}")
    print(f"truly correct           {right / all_:.4f}   (aim .95)")


if __name__ == "__main__":
    main()

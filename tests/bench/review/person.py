"""A simulated person who knows each photo's expression, and otherwise only what is on the screen.

They read the cards that are visible, press keys, click and turn pages; each of these counts, and so does choosing the
order, holding Shift or Ctrl down, and each turn of the wheel.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.bench.review import browser as web
from tests.bench.review.server import Server

SMILE_KEY: Final = "3"
NONE_KEY: Final = "1"
SMALLER: Final = 3
"""Presses of the minus key: crops of 96 pixels instead of 144 show a smile as well, and twice as many at once."""
_VISIBLE: Final = """
(all) => {
  const box = all[0].closest(".scroller").getBoundingClientRect()
  return all.map((card) => ({ card, at: card.getBoundingClientRect() }))
    .filter(({ at }) => at.top >= box.top - 1 && at.bottom <= box.bottom + 1)
    .map(({ card, at }) => ({ place: Number(card.dataset.at), id: card.dataset.id, x: at.x + at.width / 2,
      y: at.y + at.height / 2, decided: card.dataset.verdict !== "" }))
    .sort((one, other) => one.place - other.place)
}
"""
_STILL: Final = """
(box) => new Promise((resolve) => {
  let last = -1, same = 0
  const frame = () => {
    same = box.scrollTop === last ? same + 1 : 0
    last = box.scrollTop
    same < 12 ? requestAnimationFrame(frame) : resolve()
  }
  requestAnimationFrame(frame)
})
"""


@dataclass
class CountedInput:
    """Every movement counts. page: what it works on."""

    page: Any
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def key(self, name: str) -> None:
        self.count("keys")
        self.page.keyboard.press(name)

    def hold(self, name: str) -> None:
        self.count("keys")
        self.page.keyboard.down(name)

    def release(self, name: str) -> None:
        self.page.keyboard.up(name)

    def click(self, card: Mapping[str, Any]) -> None:
        self.count("clicks")
        self.page.mouse.click(card["x"], card["y"])

    def wheel(self, pixels: float) -> None:
        self.count("wheel turns")
        self.page.mouse.wheel(0, pixels)
        self.page.locator(".scroller").evaluate(_STILL)

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass
class Person:
    """smiles: face id -> whether they see a smile, for every face they may meet."""

    page: Any
    inputs: CountedInput
    smiles: Mapping[str, bool]

    def visible(self) -> list[dict[str, Any]]:
        """The cards that are whole on the screen, in the order of the page."""
        return list(self.page.locator(".card").evaluate_all(_VISIBLE))

    def one_page(self) -> None:
        """Rows of mostly smiles, from the first card on, are one range; exceptions are clicked with Ctrl; one key.
        Then one card of the rest gets its class, and Enter gives it to all others."""
        cards, wide = self.visible(), int(self.page.locator(".scroller").get_attribute("data-columns"))
        total = int(self.page.locator(".card").first.get_attribute("aria-setsize"))
        end = self._end_of_smiles(cards, wide)
        if end > 1:
            self.inputs.click(cards[0])
            self.inputs.hold("Shift")
            self.inputs.click(cards[end - 1])
            self.inputs.release("Shift")
        self._exceptions(cards, end if end > 1 else 0, total)
        if "selected" in self.page.locator(".left").inner_text():
            self.inputs.key(SMILE_KEY)
        self._rest()

    def _end_of_smiles(self, cards: Sequence[Mapping[str, Any]], wide: int) -> int:
        """How many cards the rows have, up to the last row of which at least half smiles; what is visible at once."""
        rows = [cards[at : at + wide] for at in range(0, len(cards), wide)]
        mostly = [2 * sum(self.smiles[card["id"]] for card in row) >= len(row) for row in rows]
        good = next((at for at, most in enumerate(mostly) if not most), len(rows))
        return sum(len(row) for row in rows[:good])

    def _exceptions(self, cards: Sequence[Mapping[str, Any]], end: int, total: int) -> None:
        """Ctrl+click what is among the first `end` cards and does not smile, and what smiles behind them; scroll on."""
        seen = -1
        while True:
            exceptions = [
                card for card in cards if card["place"] > seen and self.smiles[card["id"]] != (card["place"] < end)
            ]
            if exceptions and not end and "selected" not in self.page.locator(".left").inner_text():
                self.inputs.click(exceptions.pop(0))  # with nothing selected, Ctrl would take the card in focus along
            if exceptions:
                self.inputs.hold("Control")
                for card in exceptions:
                    self.inputs.click(card)
                self.inputs.release("Control")  # Ctrl and the wheel would zoom
            seen = cards[-1]["place"]
            if seen >= total - 1:
                return
            height = self.page.locator(".scroller").evaluate("one => one.clientHeight")
            self.inputs.wheel(height - self._row(cards))
            cards = self.visible()
            if cards[0]["place"] > seen + 1:
                raise RuntimeError("the wheel went past cards that were not looked at")

    def _row(self, cards: Sequence[Mapping[str, Any]]) -> float:
        """Pixels of a row and the gap: what a careful turn of the wheel keeps on the screen."""
        return float(next((card["y"] for card in cards if card["y"] > cards[0]["y"]), 0) - cards[0]["y"])

    def _rest(self) -> None:
        """The focus has moved to an undecided card, or one is clicked: its class becomes the brush, Enter the rest."""
        left = [card for card in self.visible() if not card["decided"]]
        if not left:
            self.inputs.wheel(-100_000)
            left = [card for card in self.visible() if not card["decided"]]
        if not left:
            return
        self.inputs.click(left[0])
        self.inputs.key(NONE_KEY)
        self.inputs.key("Enter")


def expressions(folder: Path) -> dict[str, bool]:
    """Path -> whether truth.csv (in the folder, or one above) says happiness; only files with an expression.

    Raises FileNotFoundError.
    """
    table = next((place for place in (folder / "truth.csv", folder.parent / "truth.csv") if place.is_file()), None)
    if table is None:
        raise FileNotFoundError(f"no truth.csv in {folder} nor above it")
    with table.open(encoding="utf-8", newline="") as stream:
        rows = [(table.parent / row["path"], row.get("expression", "")) for row in csv.DictReader(stream)]
    inside = [(path, what) for path, what in rows if folder in path.parents and what]
    return {str(path): what == "happiness" for path, what in inside}


def known(server: Server, truth: Mapping[str, bool]) -> dict[str, bool]:
    """Face id -> smile, for all faces of the workspace. What a person sees at a glance."""
    sql = "SELECT f.id, i.original FROM faces f JOIN images i ON i.sha256 = f.sha256"
    return {face: truth[str(path)] for face, path in server.rows(sql)}


def label_all(page: Any, server: Server, smiles: Mapping[str, bool], order: str) -> CountedInput:
    """Label every face of the workspace through the page."""
    inputs = CountedInput(page)
    inputs.count("orders chosen")
    web.open_review(page, server, f"size=200&order={order}")
    person = Person(page, inputs, smiles)
    for _ in range(SMALLER):
        inputs.key("-")
    for _ in range(len(smiles)):
        person.one_page()
        web.wait_saved(page)
        if not page.locator("[data-do=next]").is_enabled() or page.locator(".left").inner_text() != "page done":
            break
        first = page.locator(".card").first.get_attribute("data-id")
        if not server.rows("SELECT 1 FROM face_state WHERE verdict IS NULL LIMIT 1"):
            break
        inputs.count("page turns")
        page.keyboard.press("n")
        page.evaluate("([one, first]) => moueProbe.completed(one, first)", [web.CARD, first])
    return inputs


def wrong(server: Server, smiles: Mapping[str, bool]) -> int:
    """How many faces have another state than the person meant."""
    sql = "SELECT s.face_id, s.verdict, c.name FROM face_state s LEFT JOIN classes c ON c.id = s.class_id"
    states = {face: (verdict, name) for face, verdict, name in server.rows(sql)}
    meant = {face: ("accept", "smile" if smile else "none") for face, smile in smiles.items()}
    return sum(states.get(face) != state for face, state in meant.items())

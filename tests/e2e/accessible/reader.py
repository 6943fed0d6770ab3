"""Somebody who reads a page in English or in Chinese, and opens what is on it by its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pages._words import translate
from tests.e2e.conftest import Server
from tests.e2e.test_accessible import settled


@dataclass(frozen=True, slots=True)
class Reader:
    """Ann, who owns the workspace, and her page. language: en or zh."""

    page: Any
    server: Server
    language: str = "en"

    def word(self, text: str, **values: object) -> str:
        return translate(self.language, text, **values)

    def goto(self, path: str) -> Any:
        self.page.goto(f"{self.server.address}/{path}")
        self.page.locator("[data-testid=stApp][data-test-script-state=notRunning] h2").first.wait_for()
        settled(self.page)
        return self.page

    def button(self, text: str, **values: object) -> Any:
        return self.page.get_by_role("button", name=self.word(text, **values))

    def open(self, text: str, **values: object) -> None:
        """The drawer of this name."""
        self.page.locator("[data-testid=stExpander] summary", has_text=self.word(text, **values)).first.click()
        settled(self.page)

    def press(self, text: str, **values: object) -> None:
        self.button(text, **values).first.click()
        settled(self.page)

    def way(self, text: str) -> None:
        """A choice in a row of them."""
        name = self.word(text)
        self.page.get_by_role("radio", name=name, exact=True).or_(
            self.page.get_by_role("button", name=name, exact=True)
        ).first.click()
        settled(self.page)

    def fill(self, label: str, text: str) -> None:
        field = self.page.get_by_label(self.word(label)).first
        field.fill(text)
        field.press("Tab")
        settled(self.page)

    def wait(self, test_id: str) -> None:
        self.page.get_by_test_id(test_id).first.wait_for()
        settled(self.page)

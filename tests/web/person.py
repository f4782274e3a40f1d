"""Somebody who works at the console: every look, click and keystroke counted, and turned into the seconds they take a person.

The seconds are those of the keystroke-level model (Card, Moran and Newell, "The keystroke-level model for user performance time",
1980): a key 0.28 s (an average typist), pointing 1.1 s, pressing the button 0.2 s, moving a hand between mouse and keys 0.4 s, a
moment's thought 1.35 s. Comparing a figure with its picture is a thought of its own. What the machine takes is measured beside.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

KEY, POINT, PRESS, HAND, THOUGHT = 0.28, 1.1, 0.2, 0.4, 1.35


@dataclass
class Person:
    """At one page of the browser."""

    page: Page
    seconds: float = 0.0  # by the model
    waited: float = 0.0  # for the machine
    clicks: int = 0
    keys: int = 0
    thoughts: int = 0
    _on_keys: bool = False

    def thinks(self, times: int = 1) -> None:
        """Read what the item is about, or compare a figure with its picture."""
        self.thoughts += times
        self.seconds += THOUGHT * times

    def clicks_on(self, selector: str) -> None:
        """Point at it and press."""
        self._hand(keys=False)
        self.clicks += 1
        self.seconds += POINT + PRESS
        self._waiting(self.page.locator(selector).first.click)

    def chooses(self, selector: str, value: str) -> None:
        """Open a list with the mouse and press on a line of it."""
        self._hand(keys=False)
        self.clicks += 2
        self.seconds += 2 * (POINT + PRESS)
        self._waiting(lambda: self.page.select_option(selector, value))

    def presses(self, *keys: str) -> None:
        """One key after another."""
        self._hand(keys=True)
        for key in keys:
            self.keys += 1
            self.seconds += KEY
            self._waiting(lambda key=key: self.page.keyboard.press(key))

    def types(self, text: str) -> None:
        """Letters and digits, where the cursor stands."""
        self._hand(keys=True)
        self.keys += len(text)
        self.seconds += KEY * len(text)
        self.page.keyboard.type(text)

    def _hand(self, *, keys: bool) -> None:
        self.seconds += HAND if keys != self._on_keys else 0.0
        self._on_keys = keys

    def _waiting(self, does: Callable[[], object]) -> None:
        began = time.perf_counter()
        does()
        self.page.wait_for_load_state()
        self.waited += time.perf_counter() - began

    def __str__(self) -> str:
        said = f"{self.thoughts} looks, {self.clicks} clicks, {self.keys} keys: {self.seconds:.1f} s"
        return f"{said}, machine {self.waited:.2f} s"

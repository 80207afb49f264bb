"""Progress: keeps what was said, for the tests."""

from __future__ import annotations


class RecordedProgress:
    """``said`` holds (topic, text); ``trials`` the texts of finished Trials."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.trials: list[str] = []

    def say(self, topic: str, text: str) -> None:
        self.said.append((topic, text))

    def trial(self, number: int, of: int, text: str, eta_seconds: float) -> None:
        self.trials.append(f"{number}/{of} {text}")

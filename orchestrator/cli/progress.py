"""Progress on stderr: facts as lines; finished trials as lines too, and on a terminal one status line below them.

The status line is rewritten only when something happened: a thread that animates it would take CPU time from what is
being measured. So it needs no library either, and the first word is out before any is loaded.
"""

from __future__ import annotations

import io
import time
from typing import TextIO

from orchestrator.cli.console import clean, is_terminal, width_of
from orchestrator.domain.units import show_seconds

ERASE_LINE = "\r\x1b[2K"
TOPIC_WIDTH = 11
#: Without a terminal nobody waits longer for a word: this and one interval of the heartbeat make 30 s.
SILENCE_SECONDS = 25.0


class TextProgress:
    """ports.Progress for people."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._terminal = is_terminal(stream)
        self._topic = ""
        self._doing = ""
        self._status = ""
        self._spoke = False
        self._writing = False
        self._word_at = self._step_at = time.monotonic()

    def say(self, topic: str, text: str) -> None:
        """One fact; a topic is written once for the lines that follow each other."""
        shown = "" if topic == self._topic else topic
        self._topic = topic
        self._doing = topic or self._doing
        self._line(f"{clean(shown).ljust(TOPIC_WIDTH)}{clean(text)}")

    def trial(self, number: int, of: int, text: str, eta_seconds: float) -> None:
        """A Trial that ended; what is left stands in the status line, or at the end where there is none."""
        self._topic, self._doing = "", "measuring"
        count = f"{number:>{len(str(of))}}/{of}"
        eta = f"ETA {show_seconds(round(eta_seconds))}" if number < of else ""
        if self._terminal:
            self._line(f" {count}  {clean(text)}")
            if eta:
                self.status(f"measuring; {number} of about {of} trials done  {eta}")
        else:
            self._line(f" {count}  {clean(text)}  {eta}".rstrip())

    def status(self, text: str) -> None:
        """What happens now, on a terminal only; gone when the next line comes. "" takes it away."""
        if not self._terminal:
            return
        room = width_of(self._stream) - 1
        self._status = clean(text)[:room]
        self._write(f"{ERASE_LINE}{self._status}")

    def beat(self) -> None:
        """Called now and then, from a signal handler too: says that work goes on where nothing else does for long."""
        now = time.monotonic()
        if self._terminal or self._writing or now - self._word_at < SILENCE_SECONDS:
            return
        self._word_at = now
        shown = "" if self._doing == self._topic else self._doing
        took = show_seconds(round(now - self._step_at))
        self._write(f"{clean(shown).ljust(TOPIC_WIDTH)}still at it, {took} so far\n")

    def close(self) -> None:
        """Takes the status line away and sets what was said apart from the result."""
        if self._status:
            self.status("")
        if self._spoke and self._terminal:
            self._write("\n")
        self._spoke = False

    def _line(self, text: str) -> None:
        erase = ERASE_LINE if self._status else ""
        self._spoke, self._status = True, ""
        self._word_at = self._step_at = time.monotonic()
        self._write(f"{erase}{text}\n")

    def _write(self, text: str) -> None:
        self._writing = True
        try:
            self._stream.write(text)
            self._stream.flush()
        except BrokenPipeError:
            # Nobody listens to the progress any more; the result is still wanted.
            self._stream = io.StringIO()
        finally:
            self._writing = False

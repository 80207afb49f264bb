"""Every error a user can meet, with its exit code.

    LabError                    70  (never raised itself)
    ├── ConfigError              2  the user's files or options, all mistakes at once
    ├── EnvironmentNotFit        3  this machine, engine or registry cannot do what was asked
    │   ├── EngineUnavailable    3  no Docker Engine answers, or it is not ours to use
    │   ├── HostTooSmall         3  the instance type does not fit beside generator and bench
    │   ├── ImageUnavailable     3  an image can be had by neither supply
    │   ├── BuildFailed          3  an image build failed; carries the last lines it printed
    │   └── BenchNotReady        3  a helper of the bench did not come up
    ├── TrialFailed              -  one Trial could not be completed; becomes an Outcome, never ends the Run
    │   ├── ServerNotReady       -  the server never answered; carries its last log lines
    │   ├── SidecarNotReady      -  what the server needs beside it never got ready; carries its last log lines
    │   └── LoadFailed           -  the generator could not be started
    ├── RecordDamaged            2  a stored Run cannot be read
    ├── LabHeld                  5  another lab is measuring on this engine
    ├── EngineLost               6  the engine went away while we worked
    └── Interrupted        130/143  SIGINT or SIGTERM

An error is built low, where the facts are, and shown once, in the CLI. Building one has no effect.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """One thing wrong in what the user gave: where it is, what is wrong, what would be right."""

    where: str
    message: str
    hint: str = ""


class LabError(Exception):
    """What went wrong, where, and the next command to run.

    Args:
        message: what happened and why, one sentence.
        hint: what to do about it; a command where there is one.
        where: file:line:column, container, image or endpoint; empty when there is no place.
        detail: lines that explain it (a log's tail), shown below the message.
    """

    exit_code = 70

    def __init__(self, message: str, *, hint: str = "", where: str = "", detail: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.where = where
        self.detail = detail

    @property
    def id(self) -> str:
        """The stable name of this kind of error in ``--json``."""
        return type(self).__name__


class ConfigError(LabError):
    """All mistakes in the user's input at once; nothing was started."""

    exit_code = 2

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        count = len(mistakes)
        super().__init__(f"{count} mistake{'s' if count != 1 else ''}, nothing started.")
        self.mistakes = mistakes


class EnvironmentNotFit(LabError):
    """This machine, its engine or its registry cannot do what was asked."""

    exit_code = 3


class EngineUnavailable(EnvironmentNotFit):
    """No Docker Engine answers at the endpoint, or the user may not use it."""


class HostTooSmall(EnvironmentNotFit):
    """The instance type needs more than the host can give beside generator and bench."""


class ImageUnavailable(EnvironmentNotFit):
    """An image can be had by neither supply."""


class BuildFailed(EnvironmentNotFit):
    """An image build failed; ``detail`` holds the last lines it printed."""


class BenchNotReady(EnvironmentNotFit):
    """A helper of the bench did not come up in time; ``detail`` holds its last log lines."""


class TrialFailed(LabError):
    """One Trial could not be completed. It becomes an Outcome; the Run goes on."""


class ServerNotReady(TrialFailed):
    """The server never gave a good answer; ``detail`` holds its last log lines."""


class SidecarNotReady(TrialFailed):
    """What the server needs beside it died or was not ready in time; ``detail`` holds its last log lines."""


class LoadFailed(TrialFailed):
    """The load generator could not be started or gave no result."""


class RecordDamaged(LabError):
    """A stored Run cannot be read: it is not there, cut short, or of a newer schema."""

    exit_code = 2


class LabHeld(LabError):
    """Another lab is measuring on this engine; two at once would spoil both."""

    exit_code = 5


class EngineLost(LabError):
    """The engine stopped answering while we worked."""

    exit_code = 6


class Interrupted(LabError):
    """The user or the system asked us to stop."""

    def __init__(self, signal_number: int) -> None:
        super().__init__("stopped; what was finished is kept")
        self.exit_code = 128 + signal_number

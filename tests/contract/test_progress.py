"""Progress: what is told while work goes on."""

from __future__ import annotations

import io

import pytest

from orchestrator.adapters.simulated.progress import RecordedProgress
from orchestrator.cli.progress import TextProgress
from orchestrator.ports import Progress

PORTS = (Progress,)


@pytest.fixture(params=["recorded", "text"])
def progress(request: pytest.FixtureRequest) -> Progress:
    return RecordedProgress() if request.param == "recorded" else TextProgress(io.StringIO())


def told(progress: Progress) -> str:
    if isinstance(progress, RecordedProgress):
        return "\n".join([f"{topic} {text}" for topic, text in progress.said] + progress.trials)
    assert isinstance(progress, TextProgress)
    stream = progress._stream
    assert isinstance(stream, io.StringIO)
    return stream.getvalue()


def test_all_that_is_told_is_there_in_order(progress: Progress) -> None:
    progress.say("images", "2 up to date")
    progress.say("images", "one more")
    progress.trial(1, 12, "go-fasthttp 500/s", 90.0)
    text = told(progress)
    places = [text.index(words) for words in ("images", "2 up to date", "one more", "1/12", "go-fasthttp 500/s")]
    assert places == sorted(places)

"""Run ids that people can say: date, time and two words."""

from __future__ import annotations

import random
import re
from datetime import datetime

_FIRST = (
    "amber bold brave brief bright brisk calm clear cool crisp dawn deep eager early even fair fleet fond free "
    "fresh gentle glad grand green hardy keen kind late light lively lucky mellow merry mild neat noble plain proud "
    "quick quiet rapid ready sage sharp silver sleek sober solid steady still sunny swift tidy true vivid warm wise"
)
_SECOND = (
    "badger bear beaver bison crane crow deer dove eagle egret elk falcon finch fox gecko goose hare hawk heron "
    "horse ibis jay koala lark lemur lion llama lynx magpie marten mole moose newt orca otter owl panda puffin quail "
    "rabbit raven robin salmon seal shrew stork swan tapir tern tiger toad trout turtle walrus weasel whale wolf wren"
)

#: What a Run's folder may be called.
RUN_ID = re.compile(r"\d{4}-\d\d-\d\d-\d{4}-[a-z]+-[a-z]+(?:-\d+)?")


def run_id(now: str, chance: random.Random | None = None) -> str:
    """``2026-11-21-1432-calm-otter``.

    Args:
        now: RFC 3339, as Clock.now gives it.
        chance: where the words come from; the system's randomness when left out.

    Raises ValueError for a time that cannot be read.
    """
    chance = chance or random.SystemRandom()
    stamp = datetime.fromisoformat(now).strftime("%Y-%m-%d-%H%M")
    return f"{stamp}-{chance.choice(_FIRST.split())}-{chance.choice(_SECOND.split())}"

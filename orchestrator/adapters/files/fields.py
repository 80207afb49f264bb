"""The values of our YAML files: how each is read, and what is said when it cannot be."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path as Folder
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from orchestrator.adapters.files.document import kind_of, quote
from orchestrator.domain.config import SEED_MAX
from orchestrator.domain.limits import MEMORY_BYTES_MIN
from orchestrator.domain.request import WEIGHT_MAX, wrong_numbers
from orchestrator.domain.server import NAME
from orchestrator.domain.slo import LATENCY_RANGE, LATENCY_SECONDS_MAX, LATENCY_SECONDS_MIN
from orchestrator.domain.units import parse_bytes, parse_ratio, parse_seconds
from orchestrator.domain.workload import RATE_MAX, RATE_MIN

#: ``provider/name``: as strict as a name, but vendors write dots (``t3.micro``); never two in a row, never at an edge.
INSTANCE_ID = re.compile(rf"{NAME.pattern}/(?=.{{1,39}}\Z)[a-z0-9](?:[a-z0-9-]|\.(?=[a-z0-9]))*")
#: A value of a factor, as it is typed behind an equals sign.
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9.%-]{0,38}")
#: RFC 3986's path and query, and braces around a range of numbers.
_PATH = re.compile(r"/[A-Za-z0-9._~/?%&=+,;:@!$'()*{}-]{0,1000}")
#: RFC 9110's token.
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
#: What a generator must say by itself, or its requests would be no requests any more.
_HEADERS_TAKEN = frozenset({"connection", "content-length", "transfer-encoding"})
#: As much as every server of the contract takes.
BODY_BYTES_MAX = 64 * 2**10
REQUESTS_MAX = 20
#: More would be a plan of years, and a list of mistakes nobody reads.
ITEMS_MAX = 200
_QUOTA_MIN_CPUS = 0.01  # the kernel takes no quota below 1 ms per period (Documentation/scheduler/sched-bwc.rst)


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise ValueError(f"{quote(text)} is not a name; use a-z, 0-9 and dashes, at most 39 characters")
    return text


def _instance_id(text: str) -> str:
    if not INSTANCE_ID.fullmatch(text):
        raise ValueError(f"{quote(text)} is not an instance id; write provider/name, as in aws/t3.micro")
    return text


def _line(text: str) -> str:
    if not text.strip() or len(text) > 400 or "\n" in text:
        raise ValueError("write one line of text")
    return text


def _word(text: str) -> str:
    if not _WORD.fullmatch(text):
        raise ValueError(f"{quote(text)} is not a word; use letters, digits, dots, % and dashes, at most 39 characters")
    return text


def _path(text: str) -> str:
    if not _PATH.fullmatch(text) or ".." in text:
        raise ValueError(f"{quote(text)} is not a path; write it as in /plaintext")
    wrong = wrong_numbers(text)
    if wrong:
        raise ValueError(f"{quote(text)}: {wrong}")
    return text


def _headers(values: dict[str, str]) -> dict[str, str]:
    for name, value in values.items():
        if not _HEADER.fullmatch(name):
            raise ValueError(f"{quote(name)} is not the name of a header")
        if name.lower() in _HEADERS_TAKEN:
            raise ValueError(f"{quote(name)} is set by the load generator itself; leave it out")
        if not value.isprintable() or not value.isascii() or value != value.strip():
            raise ValueError(f"{name}: {quote(value)} cannot stand in a header")
    return values


def _body(value: object, info: ValidationInfo) -> object:
    """Text, or the text of a file beside the YAML file: ``{from_file: order.json}``."""
    if not isinstance(value, dict):
        return value
    if list(value) != ["from_file"] or not isinstance(value["from_file"], str):
        raise ValueError("write text, or {from_file: PATH} for the bytes of a file beside this one")
    return beside(info, value["from_file"], BODY_BYTES_MAX)


def beside(info: ValidationInfo, name: str, bytes_max: int) -> str:
    """The text of a file whose path is taken from the folder of the YAML file. Raises ValueError."""
    path = folder_of(info) / name
    try:
        with path.open("rb") as file:
            raw = file.read(bytes_max + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ValueError(f"{quote(name)} cannot be read: {reason}") from None
    if len(raw) > bytes_max:
        raise ValueError(f"{quote(name)} is longer than {bytes_max:,} bytes")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise ValueError(f"{quote(name)} is not UTF-8 text") from None


def folder_of(info: ValidationInfo) -> Folder:
    """The folder of the YAML file that is read."""
    folder = (info.context or {}).get("folder")
    assert isinstance(folder, Folder), "checked() gives the folder of every document"
    return folder


def _body_length(text: str) -> str:
    if len(text.encode()) > BODY_BYTES_MAX:
        raise ValueError(f"is longer than {BODY_BYTES_MAX:,} bytes")
    return text


def _quantity(parse: Callable[[str], float], example: str) -> Callable[[object], object]:
    def convert(value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValueError(f"expected {example}, found {kind_of(value)}")
        return parse(str(value))

    return convert


def _memory(value: object) -> object:
    count = _quantity(parse_bytes, "a size as in 64MiB")(value)
    if isinstance(count, int) and not MEMORY_BYTES_MIN <= count <= 2**46:
        raise ValueError(f"{value} is out of range; use 6MiB to 65536GiB")
    return count


def whole(low: int, high: int, unit: str = "") -> Callable[[object], object]:
    """A check for whole numbers in a range."""
    allowed = f"use {low:,} to {high:,}{f' {unit}' if unit else ''}"

    def check(value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{quote(value)} is not a whole number; {allowed}")
        if not low <= value <= high:
            raise ValueError(f"{_plain(value)} is out of range; {allowed}")
        if value != int(value):
            raise ValueError(f"{value} is not a whole number; {allowed}")
        return int(value)

    return check


def _number(low: float, high: float) -> Callable[[object], object]:
    def check(value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"expected a number, found {kind_of(value)}")
        if not low <= value <= high:
            raise ValueError(f"{_plain(value)} is out of range; use {low:g} to {high:g}")
        return float(value)

    return check


def _plain(value: float) -> str:
    text = f"{value:,}" if isinstance(value, int) else f"{value:g}"
    return text if len(text) <= 40 else f"{text[:36]}..."


def _time(low: float, high: float, words: str) -> Callable[[object], object]:
    parse = _quantity(parse_seconds, "a time as in 30s")

    def check(value: object) -> object:
        seconds = parse(value)
        if isinstance(seconds, float) and not low <= seconds <= high:
            raise ValueError(f"{value} is out of range; use {words}")
        return seconds

    return check


def _money(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError('write the price in quotes, as in "0.0104", so that no digit is lost')
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise ValueError(f'{quote(value)} is not a price; write USD per hour, as in "0.0104"') from None
    if not amount.is_finite() or not 0 < amount < 10_000:
        raise ValueError(f"{value} is out of range; leave an unknown price out, it is never 0")
    return amount


def _date(value: object) -> object:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"{quote(value)} is not a date; write it as in 2026-07-20") from None


def unlike(values: list[Any]) -> list[Any]:
    """A list of at least one and at most ITEMS_MAX values, no text in it twice. Raises ValueError."""
    if not values:
        raise ValueError("the list is empty; write at least one")
    if len(values) > ITEMS_MAX:
        raise ValueError(f"the list has {len(values):,} items; at most {ITEMS_MAX}")
    twice = [one for one in values if isinstance(one, str) and values.count(one) > 1]
    if twice:
        raise ValueError(f"{quote(twice[0])} is there twice")
    return values


def _rising(rates: list[int], info: ValidationInfo) -> list[int]:
    if not info.data.get("ladder") and any(later <= earlier for earlier, later in pairwise(rates)):
        raise ValueError("must rise; write each once, the lowest first")
    return rates


Name = Annotated[str, AfterValidator(_name)]
InstanceId = Annotated[str, AfterValidator(_instance_id)]
Line = Annotated[str, AfterValidator(_line)]
Word = Annotated[str, AfterValidator(_word)]
Path = Annotated[str, AfterValidator(_path)]
Headers = Annotated[dict[str, str], AfterValidator(_headers)]
Body = Annotated[str, BeforeValidator(_body), AfterValidator(_body_length)]
Status = Annotated[int, BeforeValidator(whole(200, 599))]
Weight = Annotated[int, BeforeValidator(whole(1, WEIGHT_MAX))]
Memory = Annotated[int, BeforeValidator(_memory)]
Rate = Annotated[int, BeforeValidator(whole(RATE_MIN, RATE_MAX, "requests/s"))]
Port = Annotated[int, BeforeValidator(whole(1, 65535))]
Pids = Annotated[int, BeforeValidator(whole(1, 32768))]
Seed = Annotated[int, BeforeValidator(whole(0, SEED_MAX))]
Cpus = Annotated[float, BeforeValidator(_number(_QUOTA_MIN_CPUS, 1024))]
Threads = Annotated[int, BeforeValidator(whole(1, 8))]
Window = Annotated[float, BeforeValidator(_time(1, 3600, "1s to 1h"))]
Think = Annotated[float, BeforeValidator(_time(0.001, 60, "1ms to 1min"))]
Users = Annotated[int, BeforeValidator(whole(1, 1_000_000))]
WarmUp = Annotated[float, BeforeValidator(_time(0, 3600, "0s to 1h"))]
Latency = Annotated[float, BeforeValidator(_time(LATENCY_SECONDS_MIN, LATENCY_SECONDS_MAX, LATENCY_RANGE))]
Ratio = Annotated[float, BeforeValidator(_quantity(parse_ratio, "a ratio as in 0.1%"))]
Money = Annotated[Decimal, BeforeValidator(_money)]
Day = Annotated[date, BeforeValidator(_date)]
Names = Annotated[list[Name], AfterValidator(unlike)]
#: Of a ladder in any order; that it is one stands before its rates.
Rates = Annotated[list[Rate], AfterValidator(unlike), AfterValidator(_rising)]

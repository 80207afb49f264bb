"""What each workload is asked, rightly and wrongly, and what every server must answer. Data: `client.py` sends it from
inside, the tests judge it outside. Standard library only."""

import json
from dataclasses import dataclass

from document import answer as parsed
from document import document

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
BODY_BYTES_MOST = 64 << 10


@dataclass(frozen=True)
class Case:
    """One request and its answer.

    Attributes:
        body: sent as it is, with its length.
        status: of the answer.
        says: the exact body; None: a JSON object whose only key is `error`, a text.
    """

    method: str
    path: str
    status: int
    says: str | None
    body: str = ""
    type: str = JSON

    @property
    def name(self) -> str:
        shown = self.body if len(self.body) <= 40 else f"{self.body[:30]}... ({len(self.body)} bytes)"
        return f"{self.method} {self.path} {shown}".strip()


def good(path: str, says: str, body: str = "", kind: str = JSON) -> Case:
    return Case("POST" if body else "GET", path, 200, says, body, kind)


def wrong(path: str, body: str | None = None, status: int = 400) -> Case:
    return Case("GET" if body is None else "POST", path, status, None, body or "")


def _prime(n: int, prime: int) -> str:
    return json.dumps({"n": n, "prime": prime}, separators=(",", ":"))


def _key(number: int) -> str:
    return json.dumps({"key": f"k{number}", "value": f"value-of-k{number}"}, separators=(",", ":"))


def _row(number: int) -> str:
    return json.dumps({"id": number, "name": f"item-{number}", "quantity": number * 7}, separators=(",", ":"))


def _waited(milliseconds: int) -> str:
    return f'{{"waited_milliseconds":{milliseconds}}}'


ORDER = document().decode()
_CHECKSUM = json.dumps(parsed(), separators=(",", ":"))
_ITEM = (
    '{"id":1,"sku":"s","name":"n","quantity":1,"price_cents":1,"active":true,"tags":["t"],'
    '"dimensions":{"width":1,"height":1,"depth":1}}'
)
_TOO_LONG = '{"n":' + " " * BODY_BYTES_MOST + "1}"

CASES: dict[str, tuple[Case, ...]] = {
    "plaintext": (good("/plaintext", "Hello, World!", kind=TEXT),),
    "json": (good("/json", '{"message":"Hello, World!"}'),),
    # Ids are judged one by one in test_contract.py.
    "nextid": (),
    "prime": (
        good("/calculate", _prime(10_000, 104_729), '{"n":10000}'),
        good("/calculate", _prime(1, 2), '{"n":1}'),
        good("/calculate", _prime(100_000, 1_299_709), '{"n":100000}'),
        good("/calculate", _prime(6, 13), ' { "other" : [1,{"n":3}] ,\n "n" : 6 } '),
        *(
            wrong("/calculate", body)
            for body in (
                "",
                "{",
                "null",
                "[]",
                "6",
                '"6"',
                "{}",
                '{"n":null}',
                '{"n":"6"}',
                '{"n":0}',
                '{"n":-1}',
                '{"n":100001}',
                '{"n":1000000000}',
                '{"n":99999999999999999999999}',
                '{"n":1.5}',
                '{"n":6} x',
                '{"n":6',
            )
        ),
        wrong("/calculate", _TOO_LONG, 413),
    ),
    "parse": (
        good("/parse", _CHECKSUM, ORDER),
        good("/parse", _CHECKSUM, json.dumps(json.loads(ORDER), indent=1, sort_keys=True)),
        good("/parse", '{"count":0,"checksum":0}', '{"order":"x","items":[]}'),
        good("/parse", '{"count":1,"checksum":9}', f'{{"order":"x","items":[{_ITEM}]}}'),
        *(
            wrong("/parse", body)
            for body in (
                "",
                "[",
                "[]",
                ORDER[:-1],
                ORDER + "x",
                ORDER.replace('"quantity":2', '"quantity":"2"', 1),
                ORDER.replace('"quantity":2', '"quantity":-2', 1),
                ORDER.replace('"quantity":2', '"quantity":2.5', 1),
                ORDER.replace('"active":true', '"active":1', 1),
            )
        ),
        wrong("/parse", ORDER + " " * BODY_BYTES_MOST, 413),
    ),
    "kv": (
        *(good(f"/kv/k{number}", _key(number)) for number in (0, 17, 9_999)),
        *(
            wrong(f"/kv/{key}", status=404)
            for key in ("k10000", "k-1", "K17", "k017", "%6b17", ".", "k17%20", "x" * 64)
        ),
    ),
    "db": (*(wrong(f"/db/{key}") for key in ("0", "10001", "abc", "-1", "1.5", "99999999999999999999", "1%20", "+1")),),
    "wait": (
        *(good(f"/wait/{number}", _waited(number)) for number in (0, 1, 50)),
        *(wrong(f"/wait/{key}") for key in ("10001", "-1", "abc", "1.5", "99999999999999999999", "%31")),
    ),
}

#: Beside a database, and without one: LAB_DB is not set.
ROWS = tuple(good(f"/db/{number}", _row(number)) for number in (1, 17, 10_000))
NO_DATABASE = (Case("GET", "/db/17", 503, '{"error":"no database: LAB_DB is not set"}'),)


def of(workload: str) -> tuple[Case, ...]:
    """Its cases; those of `db` are the ones of a server without a database."""
    return CASES[workload] + (NO_DATABASE if workload == "db" else ())


#: What GET answers, and so HEAD; the others take POST alone.
PATHS = {
    "plaintext": "/plaintext",
    "json": "/json",
    "nextid": "/nextid",
    "prime": "/calculate",
    "parse": "/parse",
    "kv": "/kv/k17",
    "db": "/db/17",
    "wait": "/wait/0",
}
POSTED = ("prime", "parse")

"""The document that POST /parse gets: an order of 12 items, 2.4 KB. Made, not kept, and checked by its hash."""

import hashlib
import json

ITEMS = 12
SHA256 = "060f6ecc8b5a05fd43abdaa06496a11887fdc7e5c5f21cedbeebfc045541b74f"


def document() -> bytes:
    """The bytes that the load sends. Raises ValueError when they are not those every published figure was made with."""
    made = json.dumps(
        {"order": "A-2026-000417", "items": [_item(i) for i in range(1, ITEMS + 1)]}, separators=(",", ":")
    )
    data = made.encode("ascii")
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise ValueError("the document of POST /parse is not the one this lab measures with")
    return data


def _item(i: int) -> dict[str, object]:
    return {
        "id": i,
        "sku": f"SKU-{i * 7919 % 10_000:04d}-{'ABCD'[i % 4]}",
        "name": f"Item number {i}, {('small', 'medium', 'large')[i % 3]}",
        "quantity": i % 5 + 1,
        "price_cents": 1_999 + 317 * i,
        "active": i % 4 != 0,
        "unit": "pcs",
        "tags": ["stock", ("red", "green", "blue")[i % 3], f"aisle-{i}"],
        "dimensions": {"width": 10 + i, "height": 20 + 2 * i, "depth": 5 + i % 7},
    }


def answer() -> dict[str, int]:
    """What a good server says of it, by the contract's own sum."""
    items = [_item(i) for i in range(1, ITEMS + 1)]
    return {"count": len(items), "checksum": sum(map(_sum, items)) % 2**32}


def _sum(item: dict[str, object]) -> int:
    tags, size = item["tags"], item["dimensions"]
    assert isinstance(tags, list) and isinstance(size, dict)
    texts = (item["name"], item["sku"], *tags)
    return (
        int(str(item["id"]))
        + int(str(item["quantity"])) * int(str(item["price_cents"]))
        + sum(size.values())
        + sum(len(str(text)) for text in texts)
        + bool(item["active"])
    )

"""ImageSupply: images by name, made once."""

from __future__ import annotations

from orchestrator.ports import ImageSupply, Lab

PORTS = (ImageSupply,)


def test_what_was_provided_is_there_and_is_not_made_again(lab: Lab) -> None:
    first = lab.images.provide("server/go-fasthttp")
    (need,) = lab.images.needs(["server/go-fasthttp"])
    assert (need.name, need.present, need.reference) == ("server/go-fasthttp", True, first.reference)
    again = lab.images.provide("server/go-fasthttp")
    assert again.fresh is False
    assert (again.reference, again.digest, again.bytes) == (first.reference, first.digest, first.bytes)


def test_needs_come_in_the_order_asked_and_make_nothing(lab: Lab) -> None:
    names = ["observer", "server/rust-axum", "k6"]
    first = lab.images.needs(names)
    assert [one.name for one in first] == names
    assert lab.images.needs(names) == first
    assert lab.images.needs([]) == ()


def test_an_image_says_what_it_is(lab: Lab) -> None:
    image = lab.images.provide("observer")
    assert image.name == "observer" and image.reference
    assert image.digest.startswith("sha256:") and len(image.digest) == 71 and image.bytes > 0
    assert image.supply in ("pull", "build")


def test_the_kind_of_supply_is_known(lab: Lab) -> None:
    # Missing only where nothing can be had, and then no lab would be up.
    assert lab.images.kind() in ("pull", "build")

"""Labels: what is ours is told by them alone."""

from __future__ import annotations

import pytest

from orchestrator.adapters.docker.labels import LAB, LIVE, ROLE, image_labels, lab_id, owned, trial_labels
from orchestrator.domain.box import Tags
from orchestrator.errors import ConfigError

TAGS = Tags("a-run", "t1", "go-fasthttp", "acme/small", "plaintext", "generator")


def test_the_lab_comes_from_the_environment() -> None:
    assert lab_id({}) == "default"
    assert lab_id({"ORCHESTRATOR_LAB": ""}) == "default"
    assert lab_id({"ORCHESTRATOR_LAB": "ci-7"}) == "ci-7"


@pytest.mark.parametrize("name", ["../x", "A", "a b", "-a", "a" * 40, 'x"y', "a=b", "a\n"])
def test_a_lab_with_a_bad_name_is_refused(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        lab_id({"ORCHESTRATOR_LAB": name})
    assert caught.value.mistakes[0].where == "ORCHESTRATOR_LAB"


def test_everything_carries_lab_and_role() -> None:
    for labels, role in (
        (image_labels("x"), "image"),
        (trial_labels("x", TAGS, live=False), "generator"),
        (trial_labels("x", TAGS, live=True), "generator"),
    ):
        assert (labels[LAB], labels[ROLE]) == ("x", role)


def test_only_live_containers_say_so() -> None:
    assert LIVE not in trial_labels("x", TAGS, live=False)
    assert LIVE in trial_labels("x", TAGS, live=True)


def test_the_filter_names_lab_and_role() -> None:
    assert owned("x") == {"label": ["orchestrator.lab=x"]}
    assert owned("x", "bench") == {"label": ["orchestrator.lab=x", "orchestrator.role=bench"]}

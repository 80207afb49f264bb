"""``down``: everything that carries this lab's label goes, and nothing else is touched."""

from __future__ import annotations

from orchestrator.domain.box import Owned
from orchestrator.ports import Lab


def down(lab: Lab, *, images: bool) -> Owned:
    """Removes containers, networks and volumes; images only when asked, since they cost minutes to make."""
    return lab.engine.remove_owned(images=images)

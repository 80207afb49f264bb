"""ImageSupply: an image is a name."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from orchestrator.adapters.simulated.world import World
from orchestrator.domain.measurement import Missing
from orchestrator.domain.server import Image, ImageNeed
from orchestrator.errors import BuildFailed, ImageUnavailable

#: Why an image cannot be had, where it is not for want of a registry.
_WHY = {"kernels/tinygo": "no tinygo toolchain"}
_SIMULATED = Missing("simulated: nothing was built")


class SimulatedImages:
    """Fails where World.faults says so."""

    def __init__(self, world: World) -> None:
        self._world = world

    def needs(self, names: Sequence[str]) -> tuple[ImageNeed, ...]:
        return tuple(ImageNeed(name, f"simulated/{name}", name in self._world.images) for name in names)

    def provide(self, name: str) -> Image:
        if name in self._world.faults.builds_that_fail:
            raise BuildFailed(
                f"building {name} failed with exit code 1",
                where=name,
                hint=f"mend it, then: orchestrator build {name.removeprefix('server/')}",
                detail=("error: simulated",),
            )
        if name in self._world.faults.images_unavailable:
            raise ImageUnavailable(_WHY.get(name, "no registry reached"), where=name)
        fresh = name not in self._world.images
        self._world.images.add(name)
        digest = f"sha256:{zlib.crc32(name.encode()):064x}"
        return Image(name, f"simulated/{name}", digest, 5_000_000, _SIMULATED, _SIMULATED, "build", "simulated", fresh)

    def kind(self) -> str | Missing:
        return "build"

"""Images for what is asked for: found, built or pulled; a server whose build fails is left out, the others go on."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.domain.batch import PROGRAMS
from orchestrator.domain.generator import Generator
from orchestrator.domain.measurement import Missing
from orchestrator.domain.server import Image
from orchestrator.domain.sidecar import Sidecar
from orchestrator.domain.units import show_bytes, show_seconds
from orchestrator.errors import BuildFailed, EnvironmentNotFit, ImageUnavailable, LabError
from orchestrator.ports import Lab

#: What the bench is made of; without those in OPTIONAL it works too.
BENCH_IMAGES = ("bench-prometheus", "cadvisor", "observer", "bench-grafana")
OPTIONAL_OF_BENCH = frozenset({"bench-grafana"})
#: What runs the batch jobs.
PROGRAM_IMAGES = tuple(one.image for one in PROGRAMS)
OPTIONAL = OPTIONAL_OF_BENCH | {one.image for one in PROGRAMS if one.optional}
GENERATOR_IMAGES = {Generator.K6: "k6", Generator.OHA: "oha"}


@dataclass(frozen=True)
class Provided:
    """Images by name, and why those that are not there could not be had."""

    images: dict[str, Image]
    failed: dict[str, LabError]


def server_image(server: str) -> str:
    """The name of a server's image."""
    return f"server/{server}"


def provide(
    lab: Lab,
    servers: tuple[str, ...],
    *,
    bench: bool = True,
    generators: tuple[Generator, ...] = tuple(Generator),
    sidecars: tuple[Sidecar, ...] = (),
) -> Provided:
    """Servers' images, those of what stands beside them, and with ``bench`` the bench's and the generators'.

    Raises EnvironmentNotFit when a part without which nothing can be measured is not to be had, or when no server
    could be built.
    """
    names = tuple(server_image(server) for server in servers)
    needed = tuple(dict.fromkeys(one.image for one in sidecars))
    helpers = (*BENCH_IMAGES, *(GENERATOR_IMAGES[one] for one in generators)) if bench else ()
    beside = (*needed, *helpers)
    return provide_images(lab, names, beside, noun="server")


def provide_images(lab: Lab, tested: tuple[str, ...], beside: tuple[str, ...], *, noun: str) -> Provided:
    """Images of what is tested, and of what is needed beside it.

    Args:
        noun: what the tested ones are, for the message.

    Raises EnvironmentNotFit as ``provide`` does.
    """
    wanted = (*tested, *beside)
    _say_needs(lab, tuple(name for name in wanted if name not in OPTIONAL))
    images: dict[str, Image] = {}
    failed: dict[str, LabError] = {}
    for name in wanted:
        try:
            images[name] = lab.images.provide(name)
        except ImageUnavailable as error:
            if name not in OPTIONAL:
                raise
            failed[name] = error
        except BuildFailed as error:
            if name not in tested:
                raise
            failed[name] = error
            lab.progress.say("images", f"{name} failed: {error.message}")
            for line in error.detail:
                lab.progress.say("", line)
        else:
            _say_fresh(lab, images[name])
    if tested and not any(name in images for name in tested):
        first = next(failed[name] for name in tested)
        raise EnvironmentNotFit(
            f"no {noun} could be built: " + ", ".join(tested), hint=first.hint, where=first.where, detail=first.detail
        )
    return Provided(images, failed)


def _say_needs(lab: Lab, wanted: tuple[str, ...]) -> None:
    needs = lab.images.needs(wanted)
    missing = [need.name for need in needs if not need.present]
    text = f"{sum(need.present for need in needs)} up to date"
    if missing:
        text = f"{text}, {len(missing)} to get: {', '.join(missing)}"
    lab.progress.say("images", text)


def _say_fresh(lab: Lab, image: Image) -> None:
    if not image.fresh:
        return
    took = "" if isinstance(image.build_seconds, Missing) else f"  {show_seconds(image.build_seconds)}"
    lab.progress.say("images", f"{image.name}  {show_bytes(image.bytes)}{took}")

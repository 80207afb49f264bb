"""Making images: buildx for Dockerfiles, mmdebstrap and import for the base."""

from __future__ import annotations

import re
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path

from orchestrator.adapters.docker.client import EngineClient
from orchestrator.adapters.docker.recipes import Rootfs, assemble, folder_contexts
from orchestrator.adapters.docker.supply import Resolved
from orchestrator.adapters.docker.supply_apt import debian_source
from orchestrator.adapters.docker.supply_host import ca_bundle, proxies, require_mmdebstrap
from orchestrator.adapters.docker.supply_leash import leash, run
from orchestrator.domain.measurement import Missing
from orchestrator.errors import BuildFailed, EnvironmentNotFit

#: Label: the ``repository@sha256:...`` that an image was pulled as, or that the images below it were.
SOURCE = "orchestrator.source"
#: The longest cold build measured took 140 s on two cores.
BUILD_SECONDS = 1800
_LOG_LINES = 400
_TAIL_LINES = 20
_LINE_CHARACTERS = 300
_RUN_STEP = re.compile(r"#(\d+) \[.*\] RUN ")
_CACHED_STEP = re.compile(r"#(\d+) CACHED")


class Builder:
    """Builds on the engine that the environment points to."""

    def __init__(self, engine: EngineClient, root: Path, labels: Mapping[str, str]) -> None:
        self._engine = engine
        self._root = root
        self._labels = labels

    def build(self, image: Resolved, source: str = "") -> float | Missing:
        """Makes the image under its reference; everything it stands on is there already.

        Args:
            source: what its pulled inputs were, with digests; empty when nothing was pulled.

        Returns:
            wall seconds of the build; Missing when its steps came from BuildKit's cache and nothing was compiled.

        Raises BuildFailed, EnvironmentNotFit.
        """
        recipe = image.recipe
        started = time.monotonic()
        lines: deque[str] = deque()
        if recipe.rootfs is not None:
            self._build_rootfs(image, recipe.rootfs)
        else:
            assert recipe.dockerfile is not None
            with tempfile.TemporaryDirectory(prefix="footprint-lab-") as empty:
                context = self._root / recipe.context if recipe.context else Path(empty)
                if recipe.packages:
                    assemble(recipe, self._root, context)
                contexts = image_contexts(image, self._root)
                lines = self._buildx(image, self._root / recipe.dockerfile, context, contexts, source)
        seconds = time.monotonic() - started
        return Missing("its steps came from the build cache") if from_cache(lines) else seconds

    def relabel(self, image: Resolved, pulled: str, source: str) -> None:
        """A pulled image under our own reference and labels: the same layers, so that it is removed with the rest."""
        with tempfile.TemporaryDirectory(prefix="footprint-lab-") as folder:
            dockerfile = Path(folder) / "Dockerfile"
            dockerfile.write_text("FROM component\n", encoding="utf-8")
            contexts = {"component": f"docker-image://{pulled}"}
            self._buildx(image, dockerfile, Path(folder), contexts, source)

    def _marks(self, image: Resolved) -> dict[str, str]:
        own = {
            "orchestrator.image": image.recipe.name,
            "orchestrator.supply": image.supply,
            "orchestrator.toolchain": image.toolchain,
        }
        return {**self._labels, **own}

    def _buildx(
        self,
        image: Resolved,
        dockerfile: Path,
        context: Path,
        contexts: Mapping[str, str],
        source: str,
    ) -> deque[str]:
        from python_on_whales import DockerClient
        from python_on_whales import Image as WhaleImage
        from python_on_whales.client_config import ClientNotFoundError
        from python_on_whales.exceptions import DockerException

        bundle = ca_bundle()
        lines: deque[str] = deque(maxlen=_LOG_LINES)
        started = time.monotonic()
        try:
            # The context's own builder has the docker driver, which alone resolves images of the local store.
            builder = DockerClient().context.inspect(None).name
            # The library leaves its child running when it is not asked for the last line: the leash ends it.
            with leash(BUILD_SECONDS) as words:
                output = DockerClient(client_call=[*words, "docker"]).buildx.build(
                    context,
                    file=dockerfile,
                    tags=[image.reference],
                    build_contexts=dict(contexts),
                    build_args={**proxies(), **image.recipe.args},
                    labels={**self._marks(image), **({SOURCE: source} if source else {})},
                    secrets=[f"id=ca,src={bundle}"] if bundle else [],
                    builder=builder,
                    provenance=False,
                    progress="plain",
                    stream_logs=True,
                )
                assert not isinstance(output, WhaleImage | None)
                for line in output:
                    lines.append(str(line).rstrip()[:_LINE_CHARACTERS])
        except ClientNotFoundError as error:
            raise EnvironmentNotFit("there is no docker client on PATH", hint="make engine") from error
        except DockerException as error:
            said = lines or (error.stderr or "").splitlines()
            raise _build_failed(image, error.return_code, time.monotonic() - started, said) from error
        return lines

    def _build_rootfs(self, image: Resolved, rootfs: Rootfs) -> None:
        program = require_mmdebstrap()
        source = debian_source(rootfs.suite)
        with tempfile.TemporaryDirectory(prefix="footprint-lab-") as folder:
            archive = Path(folder) / "root.tar"
            command = [
                program,
                "--variant=minbase",
                f"--include={','.join(rootfs.include)}",
                rootfs.suite,
                str(archive),
            ]
            log = Path(folder) / "log"
            started = time.monotonic()
            code = run([*command, *([source] if source else [])], log, BUILD_SECONDS)
            if code != 0:
                said = log.read_text(encoding="utf-8", errors="replace").splitlines()
                raise _build_failed(image, code, time.monotonic() - started, said)
            self._import(image, archive)

    def _import(self, image: Resolved, archive: Path) -> None:
        repository, _, tag = image.reference.rpartition(":")
        labels = [f'LABEL {key}="{value}"' for key, value in self._marks(image).items()]
        with self._engine.calls(f"import image {image.recipe.name}") as api:
            answer = api.import_image(
                src=str(archive), repository=repository, tag=tag, changes=['CMD ["bash"]', *labels]
            )
            # A transfer that breaks is told in the body of a good answer.
            if not api.images(name=image.reference):
                raise _build_failed(image, 1, 0, str(answer).splitlines())


def image_contexts(image: Resolved, root: Path) -> dict[str, str]:
    """Named build contexts as buildx wants them."""
    folders = {name: str(folder) for name, folder in folder_contexts(image.recipe, root).items()}
    return folders | {
        name: f"docker-image://{source.reference}" if isinstance(source, Resolved) else str(source.folder)
        for name, source in image.inputs.items()
    }


def from_cache(lines: Iterable[str]) -> bool:
    """Whether every RUN step of a buildx log was cached: such a build says nothing about how long building takes."""
    steps: set[str] = set()
    cached: set[str] = set()
    for line in lines:
        if run := _RUN_STEP.match(line):
            steps.add(run[1])
        elif hit := _CACHED_STEP.match(line):
            cached.add(hit[1])
    return bool(steps) and steps <= cached


def _build_failed(image: Resolved, code: int, seconds: float, lines: Iterable[str]) -> BuildFailed:
    name = image.recipe.name
    why = f"took longer than {BUILD_SECONDS} s" if seconds >= BUILD_SECONDS else f"failed with exit code {code}"
    said = [line for line in lines if line.strip()]
    server = name.removeprefix("server/") if name.startswith("server/") else ""
    again = "orchestrator run --workload W" if name.startswith("kernels/") else f"orchestrator build {server}"
    return BuildFailed(
        f"building image {name} {why}",
        hint=f"mend it, then: {again}".rstrip(),
        where=image.recipe.dockerfile or "images/images.toml",
        detail=tuple(said[-_TAIL_LINES:]),
    )

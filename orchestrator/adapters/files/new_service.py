"""Writes services/<name>.yaml for an image: what must be said of it, and what may be, as comments."""

from __future__ import annotations

from pathlib import Path

from orchestrator.adapters.files.services_file import image_reference
from orchestrator.domain.config import Known
from orchestrator.domain.server import NAME
from orchestrator.errors import ConfigError, Mistake

TEMPLATE = """\
# What the lab knows of {name}. Every key is told of in docs/services.md; a mistake is named with its line.
# To see it beside the lab's own servers: orchestrator list servers
# To try the plan without a container:    orchestrator run --server {name} --dry-run

# Taken from the engine as it is, or pulled when it is not there; never built.
image: {image}
# Where it listens inside its container, on 0.0.0.0 or 127.0.0.1.
port: {port}

# Answers 2xx once the program can take load. Left out, the first request below is asked until it is answered well.
# ready: /healthz

# The load, which is the workload {name}: several requests are mixed by their weights (then k6 offers them).
requests:
  - method: GET
    path: /
    # A range stands for another number in each request: /items/{{1000-9999}}
    # headers: {{Accept: application/json}}
    # body: '{{"n":1}}'          # or {{from_file: body.json}}, beside this file
    # weight: 1
    check:
      status: 200
      # body: Hello, World!     # exactly this, or:
      # contains: Hello
# Look at each body, also where oha would only count its bytes (then k6 offers the load).
# check_bodies: true
# Compare it with the lab's servers under one of their workloads: then only the path may be another.
# workload: plaintext

# Variables of the container. What is secret is read at its start, and is in no record and no log of the lab.
# environment:
#   LOG_LEVEL: warn
#   API_TOKEN: {{from_env: API_TOKEN}}
#   DATABASE_PASSWORD: {{from_file: password.txt}}

# It gets no capabilities; a program that must not be root anyway says who it is.
# user: "1000:1000"
# Nothing of the image can be written to, but these folders in memory, which count against its limit.
read_only: true
# tmpfs: [/tmp]

# A Compose file, beside this one, with what must run beside it.
# sidecars: compose.yaml
"""


def name_of(image: str) -> str:
    """``me/api:1`` -> ``api``."""
    last = image.partition("@")[0].rpartition("/")[2].partition(":")[0]
    return last.replace("_", "-").replace(".", "-").lower()


def write_service(folder: Path, image: str, port: int, name: str, known: Known) -> Path:
    """The file's path. Raises ConfigError with all mistakes; an existing file is never changed."""
    mistakes = []
    try:
        image_reference(image)
    except ValueError as error:
        mistakes.append(Mistake("--image", str(error)))
    if not 1 <= port <= 65535:
        mistakes.append(Mistake("--port", f"port: {port} is out of range; use 1 to 65,535"))
    path = folder / f"{name}.yaml"
    if not NAME.fullmatch(name):
        message = f"{name[:80]!r} is not a name; use a-z, 0-9 and dashes, at most 39 characters"
        mistakes.append(Mistake("--name", message, "give one with --name"))
    elif path.exists():
        mistakes.append(Mistake(str(path), "is there already", "edit it, or choose another name with --name"))
    else:
        for kind, taken in (("server", known.servers), ("workload", known.workloads)):
            if name in {one.name for one in taken}:
                message = f"{name!r} is the name of a {kind} already"
                mistakes.append(Mistake("--name", message, "give another with --name"))
    if mistakes:
        raise ConfigError(tuple(mistakes))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(TEMPLATE.format(name=name, image=image, port=port))
    except OSError as error:
        raise ConfigError((Mistake(str(path), f"cannot be written: {error.strerror}"),)) from error
    return path

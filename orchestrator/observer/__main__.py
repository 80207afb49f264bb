"""``python -m orchestrator.observer`` serves; ``python -m orchestrator.observer selftest SECONDS`` tests limits."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path

from orchestrator.adapters.cgroup.files import CgroupGone
from orchestrator.errors import LabError
from orchestrator.observer.selftest import selftest

PORT = 9464


def main(arguments: list[str] | None = None) -> int:
    """Exit code: 0, or 3 where this place has no cgroups to read."""
    options = _options(arguments)
    try:
        if options.command == "selftest":
            print(json.dumps(selftest(options.seconds)))
            return 0
        return _serve(options)
    except LabError as error:
        print(f"{error.message}: {error.where}\n{error.hint}", file=sys.stderr)
        return error.exit_code
    except CgroupGone as error:
        print(f"this container's cgroup has no CPU counters: {error}", file=sys.stderr)
        return 3


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="observer", description="Reads cgroups of containers; serves them.")
    commands = parser.add_subparsers(dest="command")
    serve = commands.add_parser("serve", help="sample and serve (the default)")
    test = commands.add_parser("selftest", help="burn CPU and say what the kernel made of the limits")
    test.add_argument("seconds", type=float)
    for one in (parser, serve):
        one.add_argument("--host", default="0.0.0.0", help="address to listen on")
        one.add_argument("--port", type=int, default=PORT)
        one.add_argument("--cgroup-root", type=Path, default=_root(), help="the host's cgroup tree")
    return parser.parse_args(arguments)


def _root() -> Path:
    mounted = Path("/host/cgroup")
    return mounted if mounted.is_dir() else Path("/sys/fs/cgroup")


def _serve(options: argparse.Namespace) -> int:
    # Local: the self-test runs in a container with little memory and needs none of these.
    from orchestrator.adapters.cgroup.locate import version
    from orchestrator.observer.api import Api
    from orchestrator.observer.expect import Tickets
    from orchestrator.observer.rates import Rates
    from orchestrator.observer.sampler import Sampler
    from orchestrator.observer.serve import ObserverServer

    version(options.cgroup_root)
    sampler = Sampler(options.cgroup_root)
    server = ObserverServer(
        (options.host, options.port), Api(sampler, Tickets(), Rates(os.environ.get("PROMETHEUS_URL", "")))
    )
    sampler.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        # shutdown() waits for serve_forever, which runs in this very thread.
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"observer on port {server.server_port}, cgroups of {options.cgroup_root}", file=sys.stderr, flush=True)
    server.serve_forever()
    sampler.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())

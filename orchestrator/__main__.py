"""``orchestrator`` and ``python -m orchestrator``."""

from __future__ import annotations

import sys


def main() -> int:
    """Runs the command line; returns its exit code."""
    try:
        from orchestrator.cli.main import main as run

        return run(sys.argv[1:])
    except KeyboardInterrupt:
        # Ctrl-C before the command line could take signals over.
        return 130


if __name__ == "__main__":
    sys.exit(main())

"""The version that is installed."""

from __future__ import annotations


def version() -> str:
    """Of the distribution; "unknown" when the package runs from a folder that nobody installed."""
    from importlib import metadata

    try:
        return metadata.version("footprint-lab")
    except metadata.PackageNotFoundError:
        return "unknown"

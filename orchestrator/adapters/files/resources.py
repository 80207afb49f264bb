"""Where the project's own data lies: the checkout's root, or the ``_data`` folder of an installed wheel."""

from __future__ import annotations

from pathlib import Path

import orchestrator
from orchestrator.errors import EnvironmentNotFit

_PACKAGE = Path(orchestrator.__file__).resolve().parent


def project_root() -> Path:
    """The folder that holds servers/, images/, compose/, prometheus/, grafana/ and lab.yaml."""
    packed = _PACKAGE / "_data"
    return packed if packed.is_dir() else _PACKAGE.parent


def catalog_folder() -> Path:
    """The bundled instance types, workloads and scenarios."""
    return _PACKAGE / "catalog"


def resource(name: str) -> Path:
    """A file or folder of the project, such as ``images`` or ``lab.yaml``. Raises EnvironmentNotFit."""
    path = project_root() / name
    if not path.exists():
        raise EnvironmentNotFit(
            f"the installation is not complete: {name} is not there",
            hint="pip install --force-reinstall footprint-lab",
            where=str(path),
        )
    return path

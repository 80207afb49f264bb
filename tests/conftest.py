"""No test asks a clock how quick this machine is: benchmarks do."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("lab", deadline=None)
settings.load_profile("lab")

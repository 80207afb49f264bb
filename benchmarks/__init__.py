"""The lab beside its peers, side by side in one session: ``python -m benchmarks [ID]``."""

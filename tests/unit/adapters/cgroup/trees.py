"""Small cgroup trees with the contents that real kernels wrote (v1: 6.18 hybrid, v2: 6.12)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

CONTAINER = "3025df96a577e1036d53545678a421b9b101814be56f98bc7ecd57a143ef448b"

V1 = {
    "cpuacct/cpuacct.usage": "290635363\n",
    "cpuacct/cpuacct.usage_user": "295968433\n",
    "cpuacct/cpuacct.usage_sys": "8000000\n",
    "cpu/cpu.stat": "nr_periods 12\nnr_throttled 10\nthrottled_time 743300451\nnr_bursts 0\nburst_time 0\n",
    "cpu/cpu.cfs_quota_us": "25000\n",
    "cpu/cpu.cfs_period_us": "100000\n",
    "cpuset/cpuset.cpus": "0-1\n",
    "cpuset/cpuset.effective_cpus": "1\n",
    "memory/memory.usage_in_bytes": "1015808\n",
    "memory/memory.max_usage_in_bytes": "3825664\n",
    "memory/memory.limit_in_bytes": "67108864\n",
    "memory/memory.memsw.limit_in_bytes": "67108864\n",
    "memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
    "memory/memory.stat": "cache 327680\nrss 1\ntotal_cache 327680\ntotal_rss 110592\ntotal_rss_huge 0\n",
    "pids/pids.max": "512\n",
    "unified/cpu.pressure": "some avg10=0.00 avg60=0.00 avg300=0.00 total=796214\nfull avg10=0.00 total=785509\n",
    "unified/cpu.stat": "usage_usec 290646\nuser_usec 282895\nsystem_usec 7751\nnice_usec 0\n",
}
V2 = {
    "cpu.stat": (
        "usage_usec 2500000\nuser_usec 2000000\nsystem_usec 500000\nnice_usec 0\ncore_sched.force_idle_usec 0\n"
        "nr_periods 101\nnr_throttled 97\nthrottled_usec 7300451\nnr_bursts 0\nburst_usec 0\n"
    ),
    "cpu.max": "25000 100000\n",
    "cpuset.cpus.effective": "2-3,6\n",
    "memory.current": "1015808\n",
    "memory.peak": "3825664\n",
    "memory.max": "67108864\n",
    "memory.swap.max": "0\n",
    "memory.stat": "anon 110592\nfile 327680\nkernel 217088\ninactive_anon 1\nfile_mapped 7\n",
    "memory.events": "low 0\nhigh 0\nmax 35\noom 1\noom_kill 1\noom_group_kill 0\n",
    "pids.max": "512\n",
    "cpu.pressure": "some avg10=1.00 avg60=0.10 avg300=0.00 total=5900000\nfull avg10=0.00 total=1\n",
}

Make = Callable[..., Path]


def write_v1(root: Path, inside: str = f"docker/{CONTAINER}", without: tuple[str, ...] = (), **changed: str) -> Path:
    """Contents changed by ``changed``, files or controllers left out by ``without``, the cgroup below ``inside``."""
    for name, text in V1.items():
        controller, file = name.split("/")
        if file not in without and controller not in without:
            _write(root / controller / inside / file, changed.get(file.replace(".", "_"), text))
    return root


def write_v2(root: Path, inside: str = f"docker/{CONTAINER}", without: tuple[str, ...] = (), **changed: str) -> Path:
    """The same for v2."""
    _write(root / "cgroup.controllers", "cpuset cpu io memory pids\n")
    for file, text in V2.items():
        if file not in without:
            _write(root / inside / file, changed.get(file.replace(".", "_"), text))
    return root


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)

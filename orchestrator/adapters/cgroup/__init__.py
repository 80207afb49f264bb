"""The one place that reads cgroup files: version 1, version 2, and where a container's directories are."""

#!/usr/bin/env bash
# Every test there is. An engine that is not there is installed and started; what this script started, it stops.
set -uo pipefail
cd "$(dirname "$0")/.."

bin=.venv/bin
state=$(mktemp -d)
started=$state/engine

stop() { images/engine.sh stop "$started" >>"$state/stop.log" 2>&1 || cat "$state/stop.log" >&2; }
trap stop EXIT

images/engine.sh ensure --started "$started" || exit $?

failed=0
step() {
    printf '== %s\n' "$*"
    "$@" || { failed=1; printf '== failed: %s\n' "$*" >&2; }
}

step "$bin/ruff" format --check .
step "$bin/ruff" check .
step "$bin/mypy"
step "$bin/lint-imports"
step bash -n images/engine.sh tests/run.sh .ci/run

# The servers' own unit tests need the host's Go and Rust, as the air-gapped supply does. What the benchmarks compare with
# is compiled only.
step go -C servers/go vet ./...
step go -C servers/go test ./...
step cargo test --quiet --locked --manifest-path servers/rust/Cargo.toml
step go -C benchmarks/peers/go vet ./...
step cargo check --quiet --locked --manifest-path benchmarks/peers/rust/Cargo.toml

# Pytest last, so that its own summary closes the output. An engine test that cannot have its engine fails.
"$bin/pytest" "$@" || failed=1
exit "$failed"

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

# Dependencies are compiled once for all checkouts.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/footprint-lab/target}

# The servers' own unit tests need the host's Go and Rust, as the air-gapped supply does. What the benchmarks compare with
# is compiled only.
step go -C servers/go vet ./...
step go -C servers/go test ./...
step cargo test --quiet --locked --manifest-path servers/rust/Cargo.toml
step go -C benchmarks/peers/go vet ./...
step cargo check --quiet --locked --manifest-path benchmarks/peers/rust/Cargo.toml

# The server in Go that calls Rust: its tests link the library.
step cargo build --quiet --locked --release --manifest-path servers/rust/Cargo.toml --package ffi
export CGO_LDFLAGS="-L$CARGO_TARGET_DIR/release"
step go -C servers/go vet -tags rust ./cgorust
step go -C servers/go test -tags rust ./cgorust

# What measures nothing runs side by side; what does, alone and last, so that pytest's own summary closes the output.
# An engine test that cannot have its engine fails.
if [ $# -gt 0 ]; then
    "$bin/pytest" "$@" || failed=1
    exit "$failed"
fi
step "$bin/pytest" -q -n 4 --dist loadgroup servers/contract tests/unit tests/architecture
"$bin/pytest" --durations=25 tests/contract tests/integration tests/e2e || failed=1
exit "$failed"

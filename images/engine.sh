#!/usr/bin/env bash
# Makes sure that a Docker Engine answers, and changes nothing else.
#
#   images/engine.sh ensure [--started FILE]   use a working engine as it is; else install and start one.
#                                              FILE is created only when this call started the engine.
#   images/engine.sh stop FILE                 stop the engine that the call which wrote FILE started
#   NO_INSTALL=1 images/engine.sh ensure       install nothing: print the commands instead, exit 3
#
# Exit codes: 0 the engine answers; 2 usage; 3 the engine cannot be had here.
set -euo pipefail

readonly LOG="${ENGINE_LOG:-/var/log/footprint-lab-engine.log}"
readonly PIDFILE=/var/run/docker.pid
readonly START_SECONDS=60

say() { printf 'engine     %s\n' "$*" >&2; }
die() { printf 'engine     %s\n' "$@" >&2; exit 3; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

can_be_root() { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; }

answers() { timeout 10 docker version --format '{{.Server.Version}}' 2>/dev/null; }

has_plugins() { docker compose version >/dev/null 2>&1 && docker buildx version >/dev/null 2>&1; }

# The distribution's names for the engine, its client, Compose v2 and buildx. mmdebstrap makes the
# base image where no container registry can be reached.
packages() {
    case "$1" in
        ubuntu) echo docker.io docker-compose-v2 docker-buildx mmdebstrap ;;
        *) echo docker.io docker-cli containerd docker-compose docker-buildx mmdebstrap ;;
    esac
}

# Debian 12 has no Compose v2: its own mirror also carries trixie, which is asked for these packages only.
# The source is made from the host's own entry, so that mirror and keyring stay what the host trusts.
trixie_source() {
    local from=/etc/apt/sources.list.d/debian.sources uri key
    uri=$(awk '/^URIs:/ {print $2; exit}' "$from" 2>/dev/null || true)
    key=$(awk '/^Signed-By:/ {print $2; exit}' "$from" 2>/dev/null || true)
    [ -n "$uri" ] || uri=$(awk '$1 == "deb" && $2 ~ /^http/ {print $2; exit}' /etc/apt/sources.list 2>/dev/null || true)
    [ -n "$uri" ] || die "no Debian mirror found in $from or /etc/apt/sources.list; add one, then run again"
    printf 'Types: deb\nURIs: %s\nSuites: trixie\nComponents: main\nSigned-By: %s\n' \
        "$uri" "${key:-/usr/share/keyrings/debian-archive-keyring.gpg}"
}

trixie_pin() { printf 'Package: *\nPin: release n=trixie\nPin-Priority: 100\n'; }

install_commands() { # distribution, version
    local suffix=""
    if [ "$1" = debian ] && [ "$2" = 12 ]; then
        suffix=/trixie
        printf '%s\n' "tee /etc/apt/sources.list.d/footprint-lab-trixie.sources   # $(trixie_source | tr '\n' ';')" \
            "tee /etc/apt/preferences.d/footprint-lab-trixie           # $(trixie_pin | tr '\n' ';')"
    fi
    local names=()
    for name in $(packages "$1"); do
        if [ "$name" = mmdebstrap ]; then names+=("$name"); else names+=("$name$suffix"); fi
    done
    printf '%s\n' "apt-get update" "apt-get install --yes --no-install-recommends iptables ${names[*]}"
}

install_engine() {
    local ID="" VERSION_ID="" PRETTY_NAME=""
    # shellcheck disable=SC1091
    . /etc/os-release
    case "$ID" in
        debian | ubuntu) ;;
        *) die "${PRETTY_NAME:-this system} is neither Debian nor Ubuntu: install Docker Engine, Compose v2 and buildx yourself, then run again" ;;
    esac
    if [ "${NO_INSTALL:-0}" = 1 ]; then
        say "no engine answers and NO_INSTALL=1: nothing was installed. As root, these commands do it:"
        install_commands "$ID" "${VERSION_ID%%.*}" | sed 's/^/  /' >&2
        exit 3
    fi
    can_be_root || die "no engine answers, and installing one needs root or password-less sudo" \
        "to see the commands: NO_INSTALL=1 $0 ensure"
    say "no engine with Compose and buildx here: installing $PRETTY_NAME's own packages ($(packages "$ID"))"
    if [ "$ID" = debian ] && [ "${VERSION_ID%%.*}" = 12 ]; then
        trixie_source | as_root tee /etc/apt/sources.list.d/footprint-lab-trixie.sources >/dev/null
        trixie_pin | as_root tee /etc/apt/preferences.d/footprint-lab-trixie >/dev/null
    fi
    local out
    out=$(mktemp)
    install_commands "$ID" "${VERSION_ID%%.*}" | grep '^apt-get' | while read -r command; do
        # shellcheck disable=SC2086
        as_root env DEBIAN_FRONTEND=noninteractive $command </dev/null >"$out" 2>&1 || {
            tail -n 20 "$out" >&2
            die "'$command' failed (its last lines are above); mend the package sources, then: make engine"
        }
    done
    rm -f "$out"
}

# An engine that was killed leaves its pid file behind; dockerd refuses to start while the number in it
# belongs to any living process. The file goes only when that process is not an engine.
clear_stale() { # pid file, program
    [ -f "$1" ] || return 0
    local pid
    pid=$(as_root cat "$1" 2>/dev/null || true)
    if [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$2" ]; then return 0; fi
    say "removing the stale $1 (process ${pid:-?} is not $2)"
    as_root rm -f "$1"
}

start_engine() {
    if [ -d /run/systemd/system ]; then
        as_root systemctl start docker
        return
    fi
    clear_stale "$PIDFILE" dockerd
    clear_stale /var/run/docker/containerd/containerd.pid containerd
    if [ -f "$PIDFILE" ]; then
        say "an engine is starting (process $(cat "$PIDFILE")): waiting for it"
        return
    fi
    say "starting dockerd (log: $LOG)"
    # A session of its own and no inherited descriptor: whoever called us can end before the engine does.
    as_root setsid --fork bash -c '
        exec </dev/null >>"$1" 2>&1
        for fd in /proc/$$/fd/*; do fd=${fd##*/}; if [ "$fd" -gt 2 ]; then eval "exec $fd>&-"; fi; done
        cd / && exec dockerd' footprint-lab-engine "$LOG"
}

wait_for_engine() {
    local deadline=$((SECONDS + START_SECONDS))
    until answers >/dev/null; do
        if [ "$SECONDS" -ge "$deadline" ]; then
            as_root tail -n 20 "$LOG" >&2 2>/dev/null || true
            die "dockerd did not answer within $START_SECONDS s; its last lines are above, all of them in $LOG"
        fi
        sleep 0.3
    done
}

ensure() {
    local started=""
    if [ "${1:-}" = --started ]; then
        started=${2:?--started needs a file}
        rm -f "$started"
    fi
    if answers >/dev/null && has_plugins; then
        say "Docker $(answers) answers"
        return
    fi
    if ! command -v dockerd >/dev/null || ! has_plugins; then install_engine; fi
    if ! answers >/dev/null; then
        can_be_root || die "the engine does not answer and starting it needs root or password-less sudo" \
            "start it yourself (sudo systemctl start docker), or be added to the group docker: docs/engine.md"
        start_engine
        wait_for_engine
        if [ -n "$started" ]; then as_root cat "$PIDFILE" >"$started"; fi
    fi
    has_plugins || die "the engine answers, but 'docker compose' or 'docker buildx' does not; see docs/engine.md"
    say "Docker $(answers) answers"
}

stop_engine() { # FILE written by: ensure --started FILE
    [ -f "$1" ] || return 0
    local pid
    pid=$(cat "$1")
    if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ]; then
        say "stopping the engine this script started (process $pid)"
        as_root kill -TERM "$pid"
        for _ in $(seq 100); do
            [ -d "/proc/$pid" ] || break
            sleep 0.3
        done
        [ ! -d "/proc/$pid" ] || die "dockerd (process $pid) did not stop within 30 s; see $LOG"
    fi
    rm -f "$1"
}

case "${1:-}" in
    ensure) shift && ensure "$@" ;;
    stop) stop_engine "${2:?stop needs the file that ensure --started wrote}" ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac

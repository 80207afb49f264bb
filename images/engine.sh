#!/usr/bin/env bash
# Makes sure that a Docker Engine answers, and changes nothing else.
#
#   images/engine.sh ensure [--started FILE]   use a working engine as it is; else install and start one.
#                                              FILE is created only when the engine runs because of this call.
#   images/engine.sh stop FILE                 stop the engine that the call which wrote FILE started
#   NO_INSTALL=1 images/engine.sh ensure       install nothing: print the commands instead, exit 3
#
# Exit codes: 0 the engine answers; 2 usage; 3 the engine cannot be had here.
# ENGINE_LOG: another log file. ENGINE_SECONDS: how long a started engine may take to answer.
# ENGINE_ROOT, for tests: another folder in place of / for what is looked up and written below.
set -euo pipefail

readonly ROOT="${ENGINE_ROOT:-}"
readonly LOG="${ENGINE_LOG:-$ROOT/var/log/footprint-lab-engine.log}"
readonly PIDFILE=$ROOT/var/run/docker.pid
readonly SOURCE=$ROOT/etc/apt/sources.list.d/footprint-lab-trixie.sources
readonly PIN=$ROOT/etc/apt/preferences.d/footprint-lab-trixie
readonly TRIXIE_PIN=$'Package: *\nPin: release n=trixie\nPin-Priority: 100'
readonly LOCK=$ROOT/tmp/footprint-lab-engine.lock # not /run/lock: that is root's alone on some systems
readonly START_SECONDS="${ENGINE_SECONDS:-60}" LOCK_SECONDS=600
PATH=$PATH:$ROOT/usr/sbin:$ROOT/sbin # where dockerd is, and what Debian's users lack

say() { printf 'engine     %s\n' "$*" >&2; }
die() { printf 'engine     %s\n' "$@" >&2; exit 3; }

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi; }
can_be_root() { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; }
systemd_runs() { [ -d "$ROOT/run/systemd/system" ]; }

# As root, without the caller's descriptors and our lock: a daemon that this starts must hold none of them.
# 255 is the one bash reads this script from; it does not pass it on.
as_root_alone() {
    (
        for fd in "/proc/$BASHPID/fd"/*; do
            fd=${fd##*/}
            if [ "$fd" -gt 2 ] && [ "$fd" -ne 255 ]; then eval "exec $fd>&-"; fi
        done
        as_root "$@"
    )
}

# A client that hangs, because what it asks does, counts as no answer.
client() { timeout --kill-after=2 10 docker "$@" 2>/dev/null; }
answers() { client version --format '{{.Server.Version}}'; }
answers_root() { # but not this user
    [ "$(id -u)" -ne 0 ] && can_be_root &&
        as_root timeout --kill-after=2 10 docker --host unix:///var/run/docker.sock version >/dev/null 2>&1
}
has() { client "$1" version >/dev/null; } # compose, buildx
has_plugins() { has compose && has buildx; }

need_group() {
    die "an engine runs here, but $(id -un) may not use it: sudo usermod -aG docker $(id -un)" \
        "then log in again. What membership in that group means: docs/engine.md"
}

# An engine elsewhere that the client was told to use is not ours to mend, and one here would not be used.
refuse_elsewhere() {
    local where="DOCKER_HOST=${DOCKER_HOST:-}" context
    if [ -z "${DOCKER_HOST:-}" ]; then
        context=$(client context show) || context=${DOCKER_CONTEXT:-default}
        if [ "$context" = default ]; then return; fi
        where="the docker context '$context'"
    elif [[ "$DOCKER_HOST" =~ ^unix://(/var)?/run/docker.sock$ ]]; then
        return
    fi
    if command -v docker >/dev/null; then
        die "$where does not answer; nothing was installed or started here" \
            "mend it, or use this machine's own engine: env -u DOCKER_HOST DOCKER_CONTEXT=default make engine"
    fi
    [ "${NO_INSTALL:-0}" = 1 ] || die "no docker client here to reach $where; nothing was installed" \
        "to see the commands: NO_INSTALL=1 $0 ensure"
}

# Debian 12 has no Compose v2: its own mirror also carries trixie, which is asked for these packages only.
# The source is made from the host's own entry, so that mirror and keyring stay what the host trusts.
trixie_source() {
    local from=$ROOT/etc/apt/sources.list.d/debian.sources uri key
    uri=$(awk '/^URIs:/ {print $2; exit}' "$from" 2>/dev/null || true)
    key=$(awk '/^Signed-By:/ {print $2; exit}' "$from" 2>/dev/null || true)
    [ -n "$uri" ] || uri=$(awk '$1 == "deb" {for (i = 2; i <= NF; i++) if ($i ~ /^https?:/) {print $i; exit}}' \
        "$ROOT/etc/apt/sources.list" 2>/dev/null || true)
    [ -n "$uri" ] || die "no Debian mirror found in $from or $ROOT/etc/apt/sources.list; add one, then run again"
    printf '%s\n' "Types: deb" "URIs: $uri" "Suites: trixie" "Components: main" \
        "Signed-By: ${key:-/usr/share/keyrings/debian-archive-keyring.gpg}"
}

# What is missing, by the distribution's names. mmdebstrap makes the base image where no container registry
# can be reached: without root it needs uidmap, and on Ubuntu Debian's keys.
missing_packages() { # distribution, suite (/trixie or nothing), the engine: here or missing
    local compose=docker-compose
    if [ "$1" = ubuntu ]; then compose=docker-compose-v2; fi
    case "$3-$1" in
        missing-ubuntu) echo docker.io iptables mmdebstrap uidmap debian-archive-keyring ;;
        missing-*) echo "docker.io$2" "docker-cli$2" "containerd$2" iptables mmdebstrap uidmap ;;
    esac
    has compose || echo "$compose$2"
    has buildx || echo "docker-buildx$2"
}

print_commands() { # trixie's source or nothing, packages
    local sudo="sudo " print="printf '%s\n'"
    if [ "$(id -u)" -eq 0 ]; then sudo=""; fi
    if [ -n "$1" ]; then
        echo "$print $(quoted <<<"$1")| ${sudo}tee $SOURCE >/dev/null"
        echo "$print $(quoted <<<"$TRIXIE_PIN")| ${sudo}tee $PIN >/dev/null"
    fi
    echo "${sudo}apt-get update"
    echo "${sudo}apt-get install --no-remove --no-install-recommends $2"
}
quoted() { sed "s/.*/'&'/" | tr '\n' ' '; }

apt() {
    local out
    out=$(mktemp)
    if ! as_root_alone env DEBIAN_FRONTEND=noninteractive apt-get "$@" </dev/null >"$out" 2>&1; then
        tail -n 20 "$out" >&2
        rm -f "$out"
        die "'apt-get $*' failed (its last lines are above); nothing was removed" \
            "mend the package sources, or install what is missing yourself (docs/engine.md), then: make engine"
    fi
    rm -f "$out"
}

install_missing() { # the engine: here or missing
    local ID="" VERSION_ID="" PRETTY_NAME="" lack="no Docker Engine here" suite="" source="" names
    if [ "$1" = here ]; then
        if has_plugins; then return; fi
        lack="the engine is here, but not$(has compose || echo " 'docker compose'")$(has buildx || echo " 'docker buildx'")"
    fi
    # shellcheck source=/dev/null
    . "$ROOT/etc/os-release"
    case "$ID-${VERSION_ID%%.*}" in
        debian-12) suite=/trixie && source=$(trixie_source) ;;
        debian-* | ubuntu-*) ;;
        *) die "$lack, and ${PRETTY_NAME:-this system} is neither Debian nor Ubuntu" \
            "install what is missing of Docker Engine, Compose v2 and buildx yourself, then run again" ;;
    esac
    names=$(missing_packages "$ID" "$suite" "$1" | tr '\n' ' ')
    if [ "${NO_INSTALL:-0}" = 1 ]; then
        say "$lack, and NO_INSTALL=1: nothing was installed. These commands do it:"
        print_commands "$source" "${names% }" | sed 's/^/  /' >&2
        exit 3
    fi
    can_be_root || die "$lack, and installing needs root or password-less sudo" \
        "to see the commands: NO_INSTALL=1 $0 ensure"
    say "$lack: installing $PRETTY_NAME's own packages: ${names% }"
    if [ -n "$suite" ]; then
        as_root tee "$SOURCE" <<<"$source" >/dev/null
        as_root tee "$PIN" <<<"$TRIXIE_PIN" >/dev/null
    fi
    apt update
    # shellcheck disable=SC2086
    apt install --yes --no-remove --no-install-recommends -o DPkg::Lock::Timeout=120 $names
}

# A zombie is dead: in a container without an init nobody reaps it.
lives() { # pid, program
    [ -n "$1" ] && [ "$(cat "/proc/$1/comm" 2>/dev/null)" = "$2" ] && ! grep -q '^State:.*Z' "/proc/$1/status"
}

unit_pid() { systemd_runs && systemctl show --property MainPID --value docker 2>/dev/null; }

engine_pid() { # of the engine that lives, or nothing
    local pid
    pid=$(unit_pid || true)
    if [ "${pid:-0}" = 0 ]; then pid=$(cat "$PIDFILE" 2>/dev/null || true); fi
    if lives "$pid" dockerd; then echo "$pid"; fi
}

# An engine that was killed leaves its pid file behind; dockerd refuses to start while the number in it
# belongs to any process, dead ones nobody reaped included. The file goes only when that is no living engine.
clear_stale() { # pid file, program
    as_root test -f "$1" || return 0
    local pid
    pid=$(as_root cat "$1" 2>/dev/null || true)
    if lives "$pid" "$2"; then return 0; fi
    say "removing the stale $1 (process ${pid:-?} is not a living $2)"
    as_root rm -f "$1"
}

# dockerd replaces its own docker.sock and the socket of the containerd it starts by itself. But where the socket
# of a system's containerd lies, it expects that one and starts none: without a listener it would wait in vain.
clear_dead_socket() { # socket
    as_root test -S "$1" || return 0
    # shellcheck disable=SC2016
    as_root perl -MErrno -MIO::Socket::UNIX -e \
        'exit 1 if IO::Socket::UNIX->new(Peer => shift); exit !$!{ECONNREFUSED}' "$1" 2>/dev/null || return 0
    say "removing the stale $1 (nobody listens)"
    as_root rm -f "$1"
}

start_engine() {
    clear_stale "$PIDFILE" dockerd
    clear_stale "$ROOT/var/run/docker/containerd/containerd.pid" containerd
    if systemd_runs; then
        as_root_alone systemctl start docker || give_up "systemd could not start docker"
        return
    fi
    clear_dead_socket "$ROOT/run/containerd/containerd.sock"
    if [ -n "$(engine_pid)" ]; then
        say "an engine is starting (process $(engine_pid)): waiting for it"
        return
    fi
    say "starting dockerd (log: $LOG)"
    # A session of its own and no inherited descriptor: whoever called us can end before the engine does.
    # shellcheck disable=SC2016
    as_root_alone setsid --fork bash -c 'exec </dev/null >>"$1" 2>&1 && cd / && exec dockerd' footprint-lab-engine "$LOG"
}

give_up() { # what the engine did not do
    local log=$LOG
    if systemd_runs; then
        log="journalctl -u docker"
        as_root journalctl --unit docker --lines 20 --no-pager >&2 2>/dev/null || true
    else
        as_root tail -n 20 "$LOG" >&2 2>/dev/null || true
    fi
    die "$1; the engine's last lines are above, all of them: $log"
}

wait_for_engine() {
    local deadline=$((SECONDS + START_SECONDS))
    until answers >/dev/null || answers_root; do
        if [ "$SECONDS" -ge "$deadline" ]; then return 1; fi
        sleep 0.3
    done
}

take_lock() {
    (set -o noclobber && umask 022 && : >"$LOCK") 2>/dev/null || true
    [ -f "$LOCK" ] || die "$LOCK cannot be made: it keeps two calls from installing at once"
    exec 9<"$LOCK" # for reading: who comes second may be another user
    if flock --nonblock 9; then return; fi
    say "another call is at work: waiting for it, $LOCK_SECONDS s at most"
    flock --timeout "$LOCK_SECONDS" 9 || die "another call has held $LOCK for $LOCK_SECONDS s; end it, then run again"
}

bring_up() { # FILE or nothing
    local here=missing before ours late=""
    if answers_root; then need_group; fi
    before=$(engine_pid)
    if command -v docker >/dev/null && command -v dockerd >/dev/null; then here=here; fi
    install_missing "$here"
    if ! answers >/dev/null && ! answers_root; then # the packages start it where they can
        can_be_root || die "the engine does not answer and starting it needs root or password-less sudo" \
            "start it yourself (sudo systemctl start docker), or be added to the group docker: docs/engine.md"
        start_engine
        wait_for_engine || late=yes
    fi
    # Also when it is late, or this user may not use it: what runs because of this call can be stopped.
    ours=$(engine_pid)
    if [ -n "$1" ] && [ -z "$before" ] && [ -n "$ours" ]; then echo "$ours" >"$1"; fi
    if [ -n "$late" ]; then give_up "dockerd did not answer within $START_SECONDS s"; fi
    answers >/dev/null || need_group
}

ensure() {
    local started=""
    if [ "${1:-}" = --started ]; then
        started=${2:?--started needs a file}
        rm -f "$started"
    fi
    if ! answers >/dev/null || ! has_plugins; then
        take_lock
        answers >/dev/null || refuse_elsewhere
        # Asked again: the call we waited for may have done it all.
        if answers >/dev/null; then install_missing here; else bring_up "$started"; fi
        has_plugins || die "the engine answers, but 'docker compose' or 'docker buildx' does not; see docs/engine.md"
    fi
    say "Docker $(answers) answers"
}

stop_engine() { # FILE written by: ensure --started FILE
    [ -f "$1" ] || return 0
    local pid
    pid=$(cat "$1")
    if lives "$pid" dockerd; then
        say "stopping the engine this script started (process $pid)"
        if [ "$(unit_pid)" = "$pid" ]; then # Restart=always, and its socket, would bring it back
            as_root systemctl stop docker.socket docker || true
        else
            as_root kill -TERM "$pid"
        fi
        for _ in $(seq 100); do
            lives "$pid" dockerd || break
            sleep 0.3
        done
        if lives "$pid" dockerd; then give_up "dockerd (process $pid) did not stop within 30 s"; fi
    fi
    rm -f "$1"
}

case "${1:-}" in
    ensure) shift && ensure "$@" ;;
    stop) stop_engine "${2:?stop needs the file that ensure --started wrote}" ;;
    *) sed -n '2,11s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac

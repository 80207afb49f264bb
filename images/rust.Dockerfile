# One server in Rust: the static binary and nothing else. Context: servers/rust. Named context: toolchain, an image with
# cargo on PATH and gcc (rust:*-trixie, or one made from the host's own Rust at /usr/local/rust).
FROM toolchain AS build
# PACKAGE: what Cargo calls the program, where it is no server.
ARG PROGRAM PACKAGE=
# What a variant sets (servers/rust/factors.yaml): Cargo features, "one" where they name the only workload, the profile.
ARG FEATURES= WORKLOADS=all PROFILE=tuned
# dynamic is asked for by one benchmark (R7), which weighs the program and never starts it: there is no libc in the image.
ARG LINK=static
ENV CARGO_HOME=/cache/cargo CARGO_TARGET_DIR=/cache/target
WORKDIR /src
COPY . .
# - static glibc, not musl, whose malloc is 3-9 times slower with two threads. --target names the host's own, so that
#   the flag does not reach build scripts and procedural macros, which must stay dynamic;
# - touch: cargo goes by time stamps, and the cached target folder may be younger than a source that changed;
# - the secret is a private CA's bundle, where there is one.
RUN --mount=type=cache,id=footprint-lab-cargo-home,target=/cache/cargo,sharing=locked \
    --mount=type=cache,id=footprint-lab-cargo-target,target=/cache/target,sharing=locked \
    --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    set -eu; : "${PROGRAM:?build argument PROGRAM: a folder in servers/rust}"; package="${PACKAGE:-server-$PROGRAM}"; \
    find . -type f -exec touch {} +; \
    target="$(rustc -vV | sed -n 's/^host: //p')"; \
    workloads=; [ "$WORKLOADS" = all ] || workloads=--no-default-features; \
    case "$LINK" in static) link='-C target-feature=+crt-static' ;; dynamic) link= ;; *) echo "LINK=$LINK" >&2; exit 2 ;; esac; \
    LAB_PROFILE="$PROFILE" RUSTFLAGS="$link" \
        cargo build --profile "$PROFILE" --locked --target "$target" --package "$package" \
        $workloads --features "$FEATURES"; \
    cp "/cache/target/$target/$PROFILE/$package" /server

FROM scratch
COPY --from=build /server /server
USER 65532:65532
EXPOSE 8080
# No HEALTHCHECK: it would burn CPU in the cgroup that is measured. Whoever waits calls /server --healthcheck.
ENTRYPOINT ["/server"]

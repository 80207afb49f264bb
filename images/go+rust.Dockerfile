# One server in Go with a library in Rust linked in through cgo: the static binary and nothing else. Context: servers/go.
# Named contexts: toolchain (Go at /usr/local/go), toolchain-rust (cargo on PATH and gcc, which links), rust (the folder
# servers/rust). Why each step is as it is: go.Dockerfile and rust.Dockerfile.
FROM toolchain-rust AS library
ENV CARGO_HOME=/cache/cargo CARGO_TARGET_DIR=/cache/target
WORKDIR /src/rust
COPY --from=rust . .
# Always tuned, as the servers in Rust are by default: what differs from them is the way there. A variant's profile is
# that of the part in Go.
RUN --mount=type=cache,id=footprint-lab-cargo-home,target=/cache/cargo,sharing=locked \
    --mount=type=cache,id=footprint-lab-cargo-target,target=/cache/target,sharing=locked \
    --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    set -eu; find . -type f -exec touch {} +; \
    target="$(rustc -vV | sed -n 's/^host: //p')"; \
    RUSTFLAGS='-C target-feature=+crt-static' \
        cargo build --profile tuned --locked --target "$target" --package ffi; \
    install -D "/cache/target/$target/tuned/liblab_ffi.a" /library/liblab_ffi.a

FROM library AS build
COPY --from=toolchain /usr/local/go /usr/local/go
ARG PROGRAM
ARG TAGS= EXPERIMENT= PROFILE=stripped
ENV PATH=/usr/local/go/bin:$PATH \
    CGO_ENABLED=1 CGO_LDFLAGS=-L/library GOTOOLCHAIN=local GOFLAGS=-mod=readonly GOMODCACHE=/cache/mod GOCACHE=/cache/build
WORKDIR /src/go
COPY . .
# netgo and osusergo: glibc's own resolver cannot be linked statically.
RUN --mount=type=cache,id=footprint-lab-go-mod,target=/cache/mod \
    --mount=type=cache,id=footprint-lab-go-build,target=/cache/build \
    --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    set -eu; level=v1; strip='-s -w'; \
    case "$PROFILE" in stripped) ;; default) strip= ;; tuned) level=v3 ;; *) echo "PROFILE=$PROFILE" >&2; exit 2 ;; esac; \
    GOAMD64="$level" GOEXPERIMENT="$EXPERIMENT" go build -trimpath -tags "rust,netgo,osusergo,$TAGS" \
        -ldflags "$strip -linkmode external -extldflags -static -X footprint-lab/servers/go/lab.Profile=$PROFILE" \
        -o /server "./${PROGRAM:?build argument PROGRAM: a folder in servers/go}"

FROM scratch
COPY --from=build /server /server
USER 65532:65532
EXPOSE 8080
# No HEALTHCHECK: it would burn CPU in the cgroup that is measured. Whoever waits calls /server --healthcheck.
ENTRYPOINT ["/server"]

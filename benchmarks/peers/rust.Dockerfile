# One peer of benchmark R5 in Rust: a framework as its own entry in TechEmpower has it, or the epoll loop. Context:
# benchmarks/peers/rust. Named context: toolchain, an image with cargo on PATH and gcc.
FROM toolchain AS build
ARG PROGRAM
ENV CARGO_HOME=/cache/cargo CARGO_TARGET_DIR=/cache/target
WORKDIR /src
COPY . .
# For this host's own CPU: the image is of use on no other. Why touch and --target: images/rust.Dockerfile.
RUN --mount=type=cache,id=footprint-lab-cargo-home,target=/cache/cargo,sharing=locked \
    --mount=type=cache,id=footprint-lab-peers-target,target=/cache/target,sharing=locked \
    --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    set -eu; : "${PROGRAM:?build argument PROGRAM: a folder in benchmarks/peers/rust}"; \
    find . -type f -exec touch {} +; \
    target="$(rustc -vV | sed -n 's/^host: //p')"; \
    RUSTFLAGS='-C target-feature=+crt-static -C target-cpu=native' \
        cargo build --release --locked --target "$target" --package "peer-$PROGRAM"; \
    cp "/cache/target/$target/release/peer-$PROGRAM" /server

FROM scratch
COPY --from=build /server /server
USER 65532:65532
ENTRYPOINT ["/server"]

# One program in Go, compiled by TinyGo: the static binary (its own musl) and nothing else. Context: servers/go. Named
# context: toolchain, an image with TinyGo and Go on PATH.
FROM toolchain AS build
ARG PROGRAM
ENV GOTOOLCHAIN=local GOFLAGS=-mod=readonly GOMODCACHE=/cache/mod GOCACHE=/cache/tinygo
WORKDIR /src
COPY . .
RUN --mount=type=cache,id=footprint-lab-go-mod,target=/cache/mod \
    --mount=type=cache,id=footprint-lab-tinygo-build,target=/cache/tinygo \
    --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    tinygo build -opt=2 -no-debug -o /server "./${PROGRAM:?build argument PROGRAM: a folder in servers/go}"

FROM scratch
COPY --from=build /server /server
USER 65532:65532
ENTRYPOINT ["/server"]

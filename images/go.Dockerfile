# One server in Go: the static binary and nothing else. Context: servers/go. Named context: toolchain, an image with Go
# at /usr/local/go (golang:*-trixie, or one made from the host's own Go).
FROM toolchain AS build
ARG PROGRAM
# What a variant sets (servers/go/factors.yaml): build tags, an experiment of the toolchain, how it is compiled.
ARG TAGS= EXPERIMENT= PROFILE=stripped
ENV PATH=/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS=-mod=readonly GOMODCACHE=/cache/mod GOCACHE=/cache/build
WORKDIR /src
COPY . .
# The secret is a private CA's bundle, where there is one. Baseline CPU features: the result runs on every cloud shape.
RUN --mount=type=cache,id=footprint-lab-go-mod,target=/cache/mod \
    --mount=type=cache,id=footprint-lab-go-build,target=/cache/build \
    --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    set -eu; level=v1; strip='-s -w'; \
    case "$PROFILE" in stripped) ;; default) strip= ;; tuned) level=v3 ;; *) echo "PROFILE=$PROFILE" >&2; exit 2 ;; esac; \
    GOAMD64="$level" GOEXPERIMENT="$EXPERIMENT" go build -trimpath -tags "$TAGS" \
        -ldflags "$strip -X footprint-lab/servers/go/lab.Profile=$PROFILE" \
        -o /server "./${PROGRAM:?build argument PROGRAM: a folder in servers/go}"

FROM scratch
COPY --from=build /server /server
USER 65532:65532
EXPOSE 8080
# No HEALTHCHECK: it would burn CPU in the cgroup that is measured. Whoever waits calls /server --healthcheck.
ENTRYPOINT ["/server"]

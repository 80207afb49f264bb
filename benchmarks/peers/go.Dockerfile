# One peer of benchmark R5 in Go: a framework as its own entry in TechEmpower has it. Context: benchmarks/peers/go. Named
# context: toolchain, an image with Go at /usr/local/go.
FROM toolchain AS build
ARG PROGRAM
ENV PATH=/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    CGO_ENABLED=0 GOAMD64=v3 GOTOOLCHAIN=local GOFLAGS=-mod=readonly GOMODCACHE=/cache/mod GOCACHE=/cache/build
WORKDIR /src
COPY . .
RUN --mount=type=cache,id=footprint-lab-go-mod,target=/cache/mod \
    --mount=type=cache,id=footprint-lab-go-build,target=/cache/build \
    --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    go build -ldflags '-s -w' -o /server "./${PROGRAM:?build argument PROGRAM: a folder in benchmarks/peers/go}"

FROM scratch
COPY --from=build /server /server
USER 65532:65532
ENTRYPOINT ["/server"]

# The host's own Go over the base, at the path of the official golang image. Left out: test, doc, api, misc.
# Named contexts: base (an image), goroot (the host's `go env GOROOT`).
FROM base
COPY --from=goroot VERSION go.env /usr/local/go/
COPY --from=goroot bin /usr/local/go/bin
COPY --from=goroot lib /usr/local/go/lib
COPY --from=goroot pkg /usr/local/go/pkg
COPY --from=goroot src /usr/local/go/src
ENV PATH=/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    GOTOOLCHAIN=local

# The host's own TinyGo beside the Go it compiles with. Named contexts: go (an image), tinygoroot (`tinygo env TINYGOROOT`).
FROM go
COPY --from=tinygoroot . /usr/local/tinygo
ENV PATH=/usr/local/tinygo/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    TINYGOROOT=/usr/local/tinygo

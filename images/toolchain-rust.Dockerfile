# The host's own Rust over the base, with the C linker and start files that rustc calls, and the make that jemalloc is built by. Left out: share (its documentation).
# Named contexts: base (an image), sysroot (the host's `rustc --print sysroot`).
FROM base
RUN --mount=type=secret,id=ca,target=/run/secrets/ca.crt \
    if [ -s /run/secrets/ca.crt ]; then printf 'Acquire::https::CAInfo "/run/secrets/ca.crt";\n' >/etc/apt/apt.conf.d/90ca; fi \
    && apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends gcc libc6-dev make \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /etc/apt/apt.conf.d/90ca
COPY --from=sysroot bin /usr/local/rust/bin
COPY --from=sysroot lib /usr/local/rust/lib
COPY --from=sysroot libexec /usr/local/rust/libexec
ENV PATH=/usr/local/rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# wrk as Debian has it, for one benchmark (R2). Named context: base (an image).
FROM base
RUN --mount=type=secret,id=ca,target=/run/secrets/ca.crt \
    if [ -s /run/secrets/ca.crt ]; then printf 'Acquire::https::CAInfo "/run/secrets/ca.crt";\n' >/etc/apt/apt.conf.d/90ca; fi \
    && apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends wrk \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /etc/apt/apt.conf.d/90ca
USER 65534:65534

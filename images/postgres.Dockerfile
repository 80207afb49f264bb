# Debian's own PostgreSQL over the base. Like the official image it has a user `postgres` and its programs on PATH.
# Named context: base (an image).
FROM base
RUN --mount=type=secret,id=ca,target=/run/secrets/ca.crt \
    if [ -s /run/secrets/ca.crt ]; then printf 'Acquire::https::CAInfo "/run/secrets/ca.crt";\n' >/etc/apt/apt.conf.d/90ca; fi \
    && export DEBIAN_FRONTEND=noninteractive \
    && apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-common \
    # Or the package makes a cluster of its own, with a configuration nobody here has read.
    && sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf \
    && apt-get install --yes --no-install-recommends postgresql-17 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /etc/apt/apt.conf.d/90ca
ENV PATH=/usr/lib/postgresql/17/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

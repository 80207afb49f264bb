# The database of the workload `db`: 10,000 rows that are loaded here, so that a Trial waits for no import, and every
# Trial begins with the same files. They are in the image and not in a volume: what a Trial changes goes with its container.
# Named context: component (an image with PostgreSQL, its programs on PATH and a user `postgres`).
FROM component
ENV PGDATA=/data LC_ALL=C
COPY lab.conf items.sql /lab/
RUN install -d -o postgres -g postgres -m 0700 /data
USER postgres
# Single-user mode: no server has to be started and stopped. Nobody but the server under test reaches it, over loopback,
# so a password would keep nobody out: any is taken.
RUN initdb --username=lab --auth=trust --encoding=UTF8 --locale=C --no-sync --no-instructions --wal-segsize=1 \
    && cat /lab/lab.conf >>/data/postgresql.conf \
    && echo 'CREATE DATABASE lab' | postgres --single -c exit_on_error=true postgres \
    && postgres --single -c exit_on_error=true lab </lab/items.sql
EXPOSE 5432
ENTRYPOINT ["postgres"]

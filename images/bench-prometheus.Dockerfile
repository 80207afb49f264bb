# Prometheus with the lab's scrape configuration and recording rules inside: no bind mount, so the engine may be remote.
# Named context: component (the Prometheus image).
FROM component
COPY prometheus.yml /etc/prometheus/prometheus.yml
COPY rules /etc/prometheus/rules
# k6 pushes its series: the receiver is on. With the default lookback of 5 min a finished trial would linger on every chart.
CMD ["--config.file=/etc/prometheus/prometheus.yml", \
     "--storage.tsdb.path=/prometheus", \
     "--storage.tsdb.retention.time=30d", \
     "--storage.tsdb.retention.size=5GB", \
     "--web.enable-remote-write-receiver", \
     "--query.lookback-delta=10s"]

# The bench's own exporter and live page: parts of the orchestrator's package and prometheus_client, nothing else.
# Named context: python (an image that answers to `python3`).
FROM python
COPY . /app/
# Compiled here, since the container's root is read-only; by content, since file times mean nothing in an image.
RUN python3 -m compileall -q --invalidation-mode unchecked-hash /app
ENV PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 65532:65532
WORKDIR /
EXPOSE 9464
ENTRYPOINT ["python3", "-m", "orchestrator.observer"]

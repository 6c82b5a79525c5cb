# docker build -t natscope . && docker run --rm -p 7777:7777 natscope serve --monitor http://nats:8222
# For several platforms, with SBOM and provenance:
#   docker buildx build --platform linux/amd64,linux/arm64 --sbom=true --provenance=mode=max \
#     --build-arg REVISION="$(git rev-parse HEAD)" --build-arg CREATED="$(date -u +%FT%TZ)" -t natscope .
ARG BUILD_BASE=node:26-slim
# Any image with Node.js 22 or newer, such as node:24-slim if you need a shell.
ARG BASE=gcr.io/distroless/nodejs24-debian13:nonroot

# JavaScript is the same for every platform, so the bundle is built once, on the builder's platform.
FROM --platform=$BUILDPLATFORM ${BUILD_BASE} AS bundle
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY LICENSE ./
COPY src ./src
COPY tools ./tools
RUN node tools/bundle.ts

FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="natscope" \
      org.opencontainers.image.description="Monitoring and load testing for NATS" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
# Distroless has node in /nodejs/bin, not on the PATH. One malloc arena instead of one per thread saves megabytes.
ENV PATH=/nodejs/bin:/usr/local/bin:/usr/bin:/bin NODE_ENV=production MALLOC_ARENA_MAX=1
COPY --from=bundle /src/dist-bundle /natscope
# A number, so that Kubernetes can verify runAsNonRoot.
USER 65532:65532
EXPOSE 7777
# Uses NATSCOPE_LISTEN or NATSCOPE_CONFIG; the container's arguments are not visible to a health check.
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s CMD ["node", "/natscope/natscope.js", "healthcheck"]
# natscope runs as process 1 and gets signals directly; it needs no init, since it starts no processes. `serve` is only
# the default argument: the arguments of prometheus-nats-exporter replace it.
ENTRYPOINT ["node", "/natscope/natscope.js"]
CMD ["serve"]

# docker build -t natscope . && docker run --rm -p 7777:7777 natscope serve --monitor http://nats:8222
# For several platforms, with what says whence it is:
#   docker buildx build --platform linux/amd64,linux/arm64 --sbom=true --provenance=mode=max \
#     --build-arg REVISION="$(git rev-parse HEAD)" --build-arg CREATED="$(date -u +%FT%TZ)" -t natscope .
ARG BUILD_BASE=node:26-slim
# Any image with Node.js 22 or newer: node:24-slim where a shell is wanted, or a base by its digest.
ARG BASE=gcr.io/distroless/nodejs24-debian13:nonroot

# JavaScript is the same for every platform, so it is made once, on the builder's own.
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
      org.opencontainers.image.description="Watches NATS and loads NATS" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
# Distroless has its node there and not on the PATH. One allocator arena, not one for each thread, saves megabytes.
ENV PATH=/nodejs/bin:/usr/local/bin:/usr/bin:/bin NODE_ENV=production MALLOC_ARENA_MAX=1
COPY --from=bundle /src/dist-bundle /natscope
# By number, or Kubernetes cannot see that it is not root.
USER 65532:65532
EXPOSE 7777
# It asks where NATSCOPE_LISTEN or NATSCOPE_CONFIG says; it does not see the arguments of the container.
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s CMD ["node", "/natscope/natscope.js", "healthcheck"]
# No shell and no init in between: signals reach natscope, which starts no processes. `serve` is an argument, so that
# those of prometheus-nats-exporter can stand in its place.
ENTRYPOINT ["node", "/natscope/natscope.js"]
CMD ["serve"]

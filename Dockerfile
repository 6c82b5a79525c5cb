# natscope: docker build -t natscope . ; docker run -p 7777:7777 natscope serve --monitor http://nats:8222
FROM node:26-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:26-slim
# One allocator arena instead of one for each thread: the process is smaller by a few megabytes.
ENV NODE_ENV=production MALLOC_ARENA_MAX=1
WORKDIR /natscope
COPY package.json LICENSE ./
COPY --from=build /src/node_modules ./node_modules
COPY --from=build /src/dist ./dist
RUN ln -s /natscope/dist/cli/main.js /usr/local/bin/natscope && chmod +x dist/cli/main.js
USER node
EXPOSE 7777
# `serve` is an argument, so that the arguments of prometheus-nats-exporter can stand in its place.
ENTRYPOINT ["natscope"]
CMD ["serve"]

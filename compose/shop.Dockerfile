# The demo application, instrumented by --import alone. Its traces need the OpenTelemetry SDK.
FROM node:26-slim
WORKDIR /shop
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY src ./src
COPY tools ./tools
COPY compose/shop.ts ./compose/shop.ts
USER node
ENTRYPOINT ["node", "--import", "./src/register.ts", "compose/shop.ts"]

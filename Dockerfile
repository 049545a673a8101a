# Caly on Bun, for compose.yaml and for deploy/kubernetes: the one Dockerfile stands where what it copies
# is. There was no Docker where this was written: tests/deploy does what it says by hand, and the image
# itself was never built.
#
# Slim, not smaller: the tests run on the same C library (alpine has another one), and a shell is what
# compose.yaml reads its secrets with (distroless has none).
FROM oven/bun:1.4.5-slim AS dependencies
WORKDIR /app
COPY package.json bun.lock ./
RUN bun install --frozen-lockfile --production
# Compilers and types, which come with other packages' wishes: a fifth of it all, and nothing that runs.
RUN rm -rf node_modules/typescript node_modules/@typescript node_modules/bun-types node_modules/@types

FROM oven/bun:1.4.5-slim
WORKDIR /app
# What it writes: keys of development, the audit spool. Everything else may be read-only.
RUN mkdir /data && chown bun:bun /data
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json bun.lock ./
COPY db ./db
COPY telemetry ./telemetry
COPY src ./src
# Bun's cache of what it has compiled has no place to be.
ENV NODE_ENV=production CALY_DATA_DIR=/data BUN_RUNTIME_TRANSPILER_CACHE_PATH=0
# The image's user `bun`, by number: Kubernetes wants to see that it is not root.
USER 1000:1000
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
# Liveness, not readiness: a container that waits for its database need not be replaced.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["bun", "-e", "const { PORT = 3000, TLS_CERT } = process.env; const { ok } = await fetch(`http${TLS_CERT ? 's' : ''}://127.0.0.1:${PORT}/health/live`, { tls: { rejectUnauthorized: false } }); process.exit(ok ? 0 : 1)"]
CMD ["bun", "src/main.ts"]

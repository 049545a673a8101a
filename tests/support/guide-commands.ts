/** Which commands of the guides are not run by tests/postgres/guides.test.ts, and why. */

/** Commands that another test runs, by the chapter that they stand in. */
export const runElsewhere: Readonly<Record<string, readonly [chapter: string, test: string][]>> = {
  'README.md': [
    ['Two commands', 'tests/main/readme.test.ts'],
    ['The first five minutes', 'tests/main/readme.test.ts'],
    ['Is it ready?', 'tests/readiness/mutants.test.ts'],
    ['Audit trail', 'tests/postgres/psql.test.ts'],
  ],
  'docs/backup.md': [
    ['Backing up PostgreSQL', 'tests/postgres/backup.test.ts'],
    ['Restoring a dump', 'tests/postgres/backup.test.ts'],
    ['Calls that were placed after the backup', 'tests/postgres/backup.test.ts'],
    ['Into another server', 'tests/postgres/backup.test.ts'],
    ['Looking at it', 'tests/postgres/backup.test.ts'],
    ['The embedded database', 'tests/postgres/backup.test.ts'],
  ],
  'docs/extending.md': [
    ['A table', 'tests/guides/extending.test.ts'],
    ['Trying it', 'tests/guides/extending.test.ts'],
  ],
  'docs/plugins.md': [['Plugins', 'tests/plugins/package.test.ts']],
  'docs/readiness.md': [['Is it ready?', 'tests/readiness/mutants.test.ts']],
}

/** Commands that CI runs by itself, as they stand or in their parts: the words that it runs. */
export const runByCi: Readonly<Record<string, string>> = {
  'bun run check': 'run check',
  'bun install --frozen-lockfile': 'tests/check.ts',
  'bunx tsc': 'tests/check.ts',
  'bun test ./tests/grafana': 'run check',
  'bun test ./tests/hooks/edge.test.ts': 'run check',
  'bun tests/run.ts ./tests/prometheus': './tests/prometheus',
  'bun tests/run.ts ./tests/postgres/notifications.test.ts': './tests/postgres',
  'CALY_TEST_RUNTIME=deno bun tests/run.ts ./tests/conformance/client.test.ts':
    'CALY_TEST_RUNTIME=deno bun tests/run.ts',
  'promtool test rules grafana/alerts.test.yml': './tests/prometheus',
}

/** Commands that no test can run, or may, with the reason; their syntax and options are looked at. */
export const notRun: Readonly<Record<string, string>> = {
  'docker compose up': 'there is no Docker in CI',
  'docker compose exec grafana cat /run/caly/grafana-password': 'there is no Docker in CI',
  "docker compose exec caly sh -c 'set -a; . /run/caly/caly.env; exec bun src/cli.ts audit verify'":
    'there is no Docker in CI',
  'docker compose down': 'there is no Docker in CI',
  'docker compose up --build': 'there is no Docker in CI',
  'git pull': 'a checkout in CI has no upstream',
  'bun run up':
    'installs production dependencies alone, which would take away those of the tests; tests/main/readme.test.ts runs it in a copy',
  'bunx biome check --write src/app.ts':
    'writes into the repository; `bun run check` lints all of it',
  'bun run dashboards':
    'writes into the repository; tests/grafana/dashboards.test.ts compares what it makes',
  'bun run caly scan --offline npm.zip --registry https://npm.example.com':
    'asks a mirror that is not there; tests/scans/cli-scan.test.ts asks a stand-in',
  'bun run bench stats': 'takes minutes: a million calls',
  'bun run bench scaling': 'takes minutes: three replicas, a proxy and a database under load',
  'bun run bench --markdown report.md --json report.json':
    'takes ten minutes; tests/bench/report.test.ts writes a report',
  'kubectl apply -f my-secret.yaml': 'there is no cluster in CI',
  'kubectl apply -f deploy/kubernetes/caly.yaml':
    'there is no cluster in CI; tests/deploy/kubernetes.test.ts holds it to the schemas',
  'OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 bun run start':
    'nobody collects in CI; tests/telemetry/whole-trace.test.ts starts it so, against a collector',
}

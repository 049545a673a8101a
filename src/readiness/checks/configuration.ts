/** What an operator has written down. */
import { stat } from 'node:fs/promises'
import { variables } from '../../config.ts'
import { check, looked } from '../check.ts'

/** What variables of this program begin with. */
const ours =
  /^(CALY|DB|DATABASE|RATE_LIMIT|ANOMALY|AUDIT|SCAN|EXOTEL|METRICS|SHUTDOWN|LOG|TLS|CORS|MAX_IN_FLIGHT)_/

/** What begins so, and is read by others or by tests. */
const others = /^(CALY_READINESS_|CALY_TEST_|LOG_DIR$)/

/** The widest networks that are somebody's own: 10.0.0.0/8, and fc00::/7. */
const widest = { v4: 8, v6: 7 }

/** Configuration. */
export const configurationChecks = [
  check({
    id: 'configuration.production',
    title: 'The service knows that it is in production',
    why: 'Development trusts this machine, prints credentials and serves the reference',
    fix: 'Set NODE_ENV=production',
    ...{ api: [8], asvs: ['V13.4.2'], needs: ['config'] },
    run: ({ config: { environment } }) => [
      looked('NODE_ENV', environment, environment === 'production'),
    ],
  }),
  check({
    id: 'configuration.encryption-key',
    title: 'ENCRYPTION_KEY is set, and random',
    why: 'Everything that is sealed or signed hangs on it; one that is typed by hand can be guessed',
    fix: 'openssl rand -hex 32, kept where secrets are kept; replaced as docs/rotation.md says',
    ...{ api: [2, 8], asvs: ['V11.5.1', 'V13.3.1'], needs: ['config'] },
    run: ({ config: { encryptionKeys = [] } }) => [
      looked('ENCRYPTION_KEY', `${encryptionKeys.length} keys`, encryptionKeys.length > 0),
      ...encryptionKeys.map((key, at) => {
        // 32 random bytes have fewer than 20 different ones once in ten thousand million times.
        const different = new Set(key.match(/../g)).size
        return looked(`key ${at + 1}`, `${different} different bytes`, different >= 20)
      }),
    ],
  }),
  check({
    id: 'configuration.spelling',
    title: 'No variable is misspelt',
    why: 'A limit or a key that is set under a wrong name is not set, and nothing says so',
    fix: 'caly serve --help has all names; take away what is not read',
    ...{ api: [8], asvs: [], needs: ['environment'] },
    run({ environment }) {
      const strange = Object.keys(environment).filter(
        (name) => ours.test(name) && !others.test(name) && !Object.hasOwn(variables, name),
      )
      const names = strange.join(', ') || 'all known'
      return [looked('names of variables', names, strange.length === 0)]
    },
  }),
  check({
    id: 'configuration.proxies',
    title: 'No network is trusted as a proxy that strangers are in',
    why: 'Whoever is in it says who they are: for limits, lockouts and the trail',
    fix: 'Name the addresses of your proxies in TRUSTED_PROXIES, or a network that is theirs alone',
    ...{ api: [2, 4, 8], asvs: ['V15.3.4', 'V4.1.3'], needs: ['config'] },
    run({ config: { proxies } }) {
      const wide = proxies.trusted.filter((network) => {
        const [address = '', prefix] = network.split('/')
        const least = address.includes(':') ? widest.v6 : widest.v4
        return prefix !== undefined && Number(prefix) < least
      })
      return [looked('TRUSTED_PROXIES', wide.join() || 'none too wide', wide.length === 0)]
    },
  }),
  check({
    id: 'configuration.hosts',
    title: 'The host of PUBLIC_URL is served',
    why: 'Callbacks of the provider and links would be answered 421',
    fix: 'Add the host of PUBLIC_URL to ALLOWED_HOSTS, or leave ALLOWED_HOSTS out',
    ...{ api: [8], asvs: [], needs: ['config'] },
    run({ config: { allowedHosts, publicUrl } }) {
      const served = allowedHosts.some((host) => host.toLowerCase() === publicUrl.hostname)
      return [looked('ALLOWED_HOSTS', served ? 'has it' : 'has it not', served)]
    },
  }),
  check({
    id: 'configuration.cors',
    title: 'Pages of named origins alone may read answers, and come over HTTPS',
    why: 'Any page, or one that somebody on the way has changed, could use what its visitors can',
    fix: 'List your own origins in CORS_ORIGINS, each with https://, never *',
    ...{ api: [8], asvs: ['V3.4.2'], needs: ['config'] },
    run({ config: { corsOrigins } }) {
      const wrong = corsOrigins.filter((origin) => !origin.startsWith('https://'))
      return [looked('CORS_ORIGINS', wrong.join() || 'none to any', wrong.length === 0)]
    },
  }),
  check({
    id: 'configuration.detection',
    title: 'Attack detection is on',
    why: 'Nobody would know that somebody is trying, until they got in',
    fix: 'Set ANOMALY_MODE=monitor or block',
    ...{ api: [8], asvs: ['V16.3.3'], needs: ['config'] },
    run: ({ config: { anomalies } }) => [
      looked('ANOMALY_MODE', anomalies.mode, anomalies.mode !== 'off'),
    ],
  }),
  check({
    id: 'configuration.force-https',
    title: 'Plain HTTP is sent to HTTPS',
    why: 'A key that is sent in the clear once is everybody’s',
    fix: 'Set FORCE_HTTPS=on, or leave it out',
    ...{ api: [2, 8], asvs: ['V12.2.1'], needs: ['config'] },
    run: ({ config: { forceHttps } }) => [
      looked('FORCE_HTTPS', forceHttps ? 'on' : 'off', forceHttps),
    ],
  }),
  check({
    id: 'configuration.first-password',
    title: 'The first admin’s password does not stay in the environment',
    why: 'It is read once; after that it is only there for whoever can read it, at every process of the machine',
    fix: 'Take CALY_ADMIN_PASSWORD and CALY_ADMIN_EMAIL away after the first start',
    ...{ api: [2], asvs: ['V13.3.2', 'V6.4.1'], needs: ['environment'] },
    run({ environment }) {
      const there = (environment['CALY_ADMIN_PASSWORD'] ?? '') !== ''
      return [looked('CALY_ADMIN_PASSWORD', there ? 'set' : 'not set', !there)]
    },
  }),
  check({
    id: 'configuration.callback-secret',
    title: 'The secret of the provider’s callbacks is long',
    why: 'Whoever guesses it tells Caly how calls went',
    fix: 'Set EXOTEL_WEBHOOK_SECRET to 32 random characters (openssl rand -hex 16), or leave it out where there is no Exotel',
    ...{ api: [2, 10], asvs: ['V13.2.1', 'V11.5.1'], needs: ['config'] },
    run({ config: { calls } }) {
      const shortest = Math.min(...(calls.webhookSecrets ?? []).map((secret) => secret.length))
      const told = Number.isFinite(shortest) ? `${shortest} characters` : 'derived'
      return [looked('EXOTEL_WEBHOOK_SECRET', told, shortest >= 32)]
    },
  }),
  check({
    id: 'configuration.private-key',
    title: 'Nobody but the service reads the private key of its certificate',
    why: 'Whoever has it is this service, for every client',
    fix: 'chmod 600 the file of TLS_KEY, and let the service own it',
    ...{ api: [8], asvs: ['V13.3.2'], needs: ['config'] },
    async run({ config: { listen } }) {
      if (listen.tls === undefined) return [looked('TLS_KEY', 'none: a proxy has it', true)]
      const { mode } = await stat(listen.tls.keyFile)
      const open = (mode & 0o007) !== 0
      return [looked('the file of TLS_KEY', open ? 'others may read it' : 'kept', !open)]
    },
  }),
] as const

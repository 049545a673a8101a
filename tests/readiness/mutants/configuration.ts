import { chmod } from 'node:fs/promises'
import { configured, type Mutant } from '../mutant.ts'

/** What operators write down. */
export const configurationMutants: readonly Mutant[] = [
  configured('NODE_ENV=development', ['configuration.production'], { NODE_ENV: 'development' }),
  configured('an ENCRYPTION_KEY that is typed by hand', ['configuration.encryption-key'], {
    ENCRYPTION_KEY: '0123456789abcdef'.repeat(4),
  }),
  configured('a RATE_LIMIT_LOGIN that nobody reads', ['configuration.spelling'], {
    RATE_LIMIT_LOGIN: '5/1m',
  }),
  configured('TRUSTED_PROXIES=0.0.0.0/0', ['configuration.proxies'], {
    TRUSTED_PROXIES: '0.0.0.0/0',
  }),
  configured('ALLOWED_HOSTS without its own host', ['configuration.hosts'], {
    ALLOWED_HOSTS: 'calls.example',
  }),
  configured('CORS_ORIGINS=*', ['configuration.cors'], { CORS_ORIGINS: '*' }),
  configured('an origin over plain HTTP', ['configuration.cors'], {
    CORS_ORIGINS: 'http://app.example',
  }),
  configured('ANOMALY_MODE=off', ['configuration.detection'], { ANOMALY_MODE: 'off' }),
  configured('FORCE_HTTPS=off', ['configuration.force-https'], { FORCE_HTTPS: 'off' }),
  configured('the first password, left behind', ['configuration.first-password'], {
    CALY_ADMIN_EMAIL: 'admin@example.com',
    CALY_ADMIN_PASSWORD: 'correct horse battery staple',
  }),
  configured('an EXOTEL_WEBHOOK_SECRET of 16 letters', ['configuration.callback-secret'], {
    EXOTEL_WEBHOOK_SECRET: 'abcdefghijklmnop',
  }),
  {
    what: 'a private key that anybody may read',
    reds: ['configuration.private-key'],
    async stage({ environment }) {
      const file = environment['TLS_KEY'] ?? ''
      await chmod(file, 0o644)
      return { context: {}, undo: () => chmod(file, 0o600) }
    },
  },
]

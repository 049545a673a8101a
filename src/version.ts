import manifest from '../package.json' with { type: 'json' }

/** Caly's version, by Semantic Versioning 2.0: docs/upgrading.md says what breaks. */
export const { version } = manifest

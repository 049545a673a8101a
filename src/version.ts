import manifest from '../package.json' with { type: 'json' }

/** Caly's version, by Semantic Versioning 2.0. */
export const { version } = manifest

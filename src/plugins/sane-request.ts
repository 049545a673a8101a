/** `caly/sane-request`: refuses hosts and paths that can be read in two ways. */
export { type SaneRequestOptions, saneRequest } from '../hooks/sane-request.ts'

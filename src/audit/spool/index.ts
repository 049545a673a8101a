export {
  openSpool,
  type Spool,
  type SpooledFile,
  SpoolFullError,
  type SpoolOptions,
} from './spool.ts'

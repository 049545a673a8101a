/** `caly/cors`: which pages of other sites may read the answers. */
export { type CorsOptions, cors } from '../hooks/cors.ts'

/** `caly/security-headers`: the security headers on every answer. */
export { type SecurityHeadersOptions, securityHeaders } from '../hooks/security-headers.ts'

/** Headers that keep hostile text harmless, and the check that a write came from our own page. */
import { randomBytes } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { problemResponse } from './problems.ts'

export const newNonce = () => randomBytes(16).toString('base64')

/** No inline script and no eval; styles by nonce (Mantine, charts), style attributes for their positions. */
export const contentSecurityPolicy = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

export const secureHeaders: MiddlewareHandler = async (c, next) => {
  await next()
  const { headers } = c.res
  headers.set('x-content-type-options', 'nosniff')
  headers.set('x-frame-options', 'DENY')
  headers.set('referrer-policy', 'same-origin')
  headers.set('cross-origin-opener-policy', 'same-origin')
  headers.set('cross-origin-resource-policy', 'same-origin')
  headers.set('permissions-policy', 'camera=(), microphone=(), geolocation=(), payment=()')
  if (c.req.url.startsWith('https:')) headers.set('strict-transport-security', 'max-age=31536000')
  if (!headers.has('content-security-policy'))
    headers.set('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
}

/** The host of an origin; undefined for none, for `null` and for what is no address. */
const hostOf = (origin: string | undefined) => (origin && URL.canParse(origin) ? new URL(origin).host : undefined)

const reads = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses writes that carry our cookie but were begun by another site. Browsers say where a request comes from; a
 * client with an API key sends no cookie and is not asked.
 */
export const sameOriginWrites: MiddlewareHandler = async (c, next) => {
  if (!reads.has(c.req.method) && c.req.header('cookie') && !c.req.header('authorization')) {
    const site = c.req.header('sec-fetch-site')
    const origin = c.req.header('origin')
    const host = c.req.header('x-forwarded-host') ?? c.req.header('host')
    const foreign = site ? site !== 'same-origin' && site !== 'none' : !host || hostOf(origin) !== host
    if (foreign) return problemResponse({ code: 'forbidden', message: 'This request came from another site.' })
  }
  return next()
}

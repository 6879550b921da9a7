/** A real identity provider on this machine (OpenID Connect): discovery, keys, tokens, and a page with one button. */
import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface IdentityProvider {
  issuer: string
  /** Whom the next token names: `sub`, `email`, `email_verified`, `name`. */
  claims: Record<string, unknown>
  /** Signs tokens; the provider's own key unless a test puts another in its place. */
  signer: KeyObject
  /** The provider's own. */
  readonly key: KeyObject
  close(): void
}

const base64url = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

export async function identityProvider(): Promise<IdentityProvider> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const idToken = (nonce: string) => {
    const now = Math.floor(Date.now() / 1000)
    const { issuer: iss, claims } = provider
    const body = { iss, aud: 'plumbline', iat: now, exp: now + 300, ...(nonce ? { nonce } : {}), ...claims }
    const signed = `${base64url({ alg: 'RS256', kid: 'k1' })}.${base64url(body)}`
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(provider.signer).toString('base64url')}`
  }
  const answers: Record<string, (code: string) => object> = {
    '/.well-known/openid-configuration': () => ({
      issuer: provider.issuer,
      authorization_endpoint: `${provider.issuer}/authorize`,
      token_endpoint: `${provider.issuer}/token`,
      jwks_uri: `${provider.issuer}/jwks`,
      id_token_signing_alg_values_supported: ['RS256'],
    }),
    '/jwks': () => ({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' }] }),
    // The code carries the nonce of the request for authorisation.
    '/token': (code) => ({ access_token: 'at', token_type: 'Bearer', expires_in: 300, id_token: idToken(code) }),
  }
  /** Where people agree, and are sent back with a code. */
  const page = (asked: URLSearchParams) => {
    const back = new URL(asked.get('redirect_uri') ?? '')
    back.searchParams.set('state', asked.get('state') ?? '')
    back.searchParams.set('code', asked.get('nonce') ?? '')
    const href = back.href.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
    return `<!doctype html><title>Team login</title><link rel="icon" href="data:,"><a href="${href}">Continue as ${provider.claims.email}</a>`
  }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { pathname, searchParams } = new URL(request.url!, provider.issuer)
    if (pathname === '/authorize') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
      response.end(page(searchParams))
      return
    }
    const code = new URLSearchParams(Buffer.concat(chunks).toString()).get('code') ?? ''
    const answer = Object.hasOwn(answers, pathname) ? answers[pathname] : undefined
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer?.(code) ?? {}))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const provider: IdentityProvider = {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    claims: {},
    signer: privateKey,
    key: privateKey,
    close: () => server.close(),
  }
  return provider
}

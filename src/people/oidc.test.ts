import { createSign, generateKeyPairSync } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Ground, ground } from '../../test/people.ts'
import { oidcFrom } from './oidc.ts'

/** A real identity provider on this machine: discovery, keys and tokens. It vouches for whom `claims` names. */
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
let signer = privateKey
let claims: Record<string, unknown>
let server: Server
let issuer: string
let g: Ground

const base64url = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

function idToken(nonce: string | null): string {
  const now = Math.floor(Date.now() / 1000)
  const body = { iss: issuer, aud: 'plumbline', iat: now, exp: now + 300, ...(nonce ? { nonce } : {}), ...claims }
  const signed = `${base64url({ alg: 'RS256', kid: 'k1' })}.${base64url(body)}`
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(signer).toString('base64url')}`
}

beforeAll(async () => {
  const answers: Record<string, (code: string) => object> = {
    '/.well-known/openid-configuration': () => ({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      id_token_signing_alg_values_supported: ['RS256'],
    }),
    '/jwks': () => ({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' }] }),
    // The code carries the nonce of the request for authorisation.
    '/token': (code) => ({ access_token: 'at', token_type: 'Bearer', expires_in: 300, id_token: idToken(code) }),
  }
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const code = new URLSearchParams(Buffer.concat(chunks).toString()).get('code') ?? ''
    const answer = Object.hasOwn(answers, request.url!) ? answers[request.url!] : undefined
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer?.(code) ?? {}))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  g = await ground({ oidc: { issuer, clientId: 'plumbline', clientSecret: 's', name: 'Team login' } })
})
beforeEach(() => {
  signer = privateKey
})
afterAll(async () => {
  await g.close()
  server.close()
})

/** Goes to the provider and comes back; where the browser lands, and who it then is. */
async function signIn() {
  const browser = g.browser()
  const begun = await browser.post('/sign-in/social', {
    provider: 'oidc',
    callbackURL: '/',
    errorCallbackURL: '/sign-in',
  })
  expect(begun.status).toBe(200)
  const asked = new URL(String(begun.body.url))
  expect(asked.origin + asked.pathname).toBe(`${issuer}/authorize`)
  expect(asked.searchParams.get('code_challenge_method')).toBe('S256')
  const back = new URL(asked.searchParams.get('redirect_uri')!)
  back.searchParams.set('state', asked.searchParams.get('state')!)
  back.searchParams.set('code', asked.searchParams.get('nonce') ?? '')
  const response = await g.auth.handler(new Request(back, { headers: browser.headers() }), '192.0.2.1')
  browser.keep(response.headers.getSetCookie())
  return { to: response.headers.get('location')!, person: await g.auth.personOf(browser.headers()) }
}

it('signs in somebody who was invited by their address, and knows them again by their subject', async () => {
  const person = await g.addPerson('ada@example.org', { password: false })
  claims = { sub: 's-ada', email: 'ada@example.org', email_verified: true, name: 'Ada' }
  expect(await signIn()).toEqual({ to: '/', person })
  claims = { sub: 's-ada', email: 'renamed@example.org', email_verified: true, name: 'Ada' }
  expect((await signIn()).person).toBe(person)
  expect((await g.browser().api.signIn()).sso).toBe('Team login')
})

it('lets nobody in whom nobody has invited', async () => {
  claims = { sub: 's-stranger', email: 'stranger@example.org', email_verified: true, name: 'S' }
  const { to, person } = await signIn()
  expect(person).toBeUndefined()
  expect(to).toMatch(/^(http:\/\/plumbline\.test)?\/sign-in\?error=/)
  expect((await g.database.pool.query(`SELECT 1 FROM people WHERE email = 'stranger@example.org'`)).rows).toEqual([])
})

it('gives no account away whose address its holder typed in unproven', async () => {
  const person = await g.addPerson('typed@example.org')
  await g.database.pool.query('UPDATE people SET email_verified = false WHERE id = $1', [person])
  claims = { sub: 's-typed', email: 'typed@example.org', email_verified: true, name: 'T' }
  expect((await signIn()).person).toBeUndefined()
})

it('refuses a token that another key has signed, and a disabled person', async () => {
  const person = await g.addPerson('bob@example.org', { password: false })
  claims = { sub: 's-bob', email: 'bob@example.org', email_verified: true, name: 'Bob' }
  signer = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  expect((await signIn()).person).toBeUndefined()
  signer = privateKey
  expect((await signIn()).person).toBe(person)
  await g.database.pool.query('UPDATE people SET disabled_at = now() WHERE id = $1', [person])
  expect(await signIn()).toEqual({
    to: expect.stringMatching(/^\/sign-in\?error=person_disabled/),
    person: undefined,
  })
})

it('refuses to return to another site', async () => {
  const answer = await g.browser().post('/sign-in/social', { provider: 'oidc', callbackURL: 'https://evil.example/' })
  expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden', where: 'callbackURL' } })
})

it('is set up by three variables, all or none', () => {
  const env = {
    PLUMBLINE_OIDC_ISSUER: 'https://login.example.org/',
    PLUMBLINE_OIDC_CLIENT_ID: 'a',
    PLUMBLINE_OIDC_CLIENT_SECRET: 'b',
  }
  expect(oidcFrom({})).toBeUndefined()
  expect(oidcFrom(env)).toEqual({
    issuer: 'https://login.example.org',
    clientId: 'a',
    clientSecret: 'b',
    name: 'single sign-on',
  })
  expect(() => oidcFrom({ ...env, PLUMBLINE_OIDC_CLIENT_SECRET: '' })).toThrow(
    expect.objectContaining({ where: 'PLUMBLINE_OIDC_CLIENT_SECRET' }),
  )
  expect(() => oidcFrom({ ...env, PLUMBLINE_OIDC_ISSUER: 'login' })).toThrow(
    expect.objectContaining({ where: 'PLUMBLINE_OIDC_ISSUER' }),
  )
})

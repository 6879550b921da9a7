import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type IdentityProvider, identityProvider } from '../../test/identity-provider.ts'
import { type Ground, ground } from '../../test/people.ts'
import { oidcFrom } from './oidc.ts'

let provider: IdentityProvider
let g: Ground

beforeAll(async () => {
  provider = await identityProvider()
  g = await ground({ oidc: { issuer: provider.issuer, clientId: 'plumbline', clientSecret: 's', name: 'Team login' } })
})
beforeEach(() => {
  provider.signer = provider.key
})
afterAll(async () => {
  await g.close()
  provider.close()
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
  expect(asked.origin + asked.pathname).toBe(`${provider.issuer}/authorize`)
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
  provider.claims = { sub: 's-ada', email: 'ada@example.org', email_verified: true, name: 'Ada' }
  expect(await signIn()).toEqual({ to: '/', person })
  provider.claims = { sub: 's-ada', email: 'renamed@example.org', email_verified: true, name: 'Ada' }
  expect((await signIn()).person).toBe(person)
  expect((await g.browser().api.signIn()).sso).toBe('Team login')
})

it('lets nobody in whom nobody has invited', async () => {
  provider.claims = { sub: 's-stranger', email: 'stranger@example.org', email_verified: true, name: 'S' }
  const { to, person } = await signIn()
  expect(person).toBeUndefined()
  expect(to).toMatch(/^(http:\/\/plumbline\.test)?\/sign-in\?error=/)
  expect((await g.database.pool.query(`SELECT 1 FROM people WHERE email = 'stranger@example.org'`)).rows).toEqual([])
})

it('gives no account away whose address its holder typed in unproven', async () => {
  const person = await g.addPerson('typed@example.org')
  await g.database.pool.query('UPDATE people SET email_verified = false WHERE id = $1', [person])
  provider.claims = { sub: 's-typed', email: 'typed@example.org', email_verified: true, name: 'T' }
  expect((await signIn()).person).toBeUndefined()
})

it('refuses a token that another key has signed, and a disabled person', async () => {
  const person = await g.addPerson('bob@example.org', { password: false })
  provider.claims = { sub: 's-bob', email: 'bob@example.org', email_verified: true, name: 'Bob' }
  provider.signer = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  expect((await signIn()).person).toBeUndefined()
  provider.signer = provider.key
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

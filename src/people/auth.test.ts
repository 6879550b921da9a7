import { createOTP } from '@better-auth/utils/otp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Ground, ground, password } from '../../test/people.ts'
import { attemptsPer, networkOf } from './sign-in-limits.ts'

let g: Ground
let ada: string
beforeAll(async () => {
  g = await ground()
  ada = await g.addPerson('ada@example.org')
})
afterAll(() => g.close())

const sessions = async (person: string) =>
  (await g.database.pool.query('SELECT * FROM sessions WHERE person_id = $1', [person])).rows

it('signs in with address and password, whatever the case of the address, and knows the person by the cookie', async () => {
  const browser = g.browser()
  const answer = await browser.signIn('Ada@Example.org')
  expect(answer.status).toBe(200)
  expect(answer.body).not.toHaveProperty('token')
  expect(await g.auth.personOf(browser.headers())).toBe(ada)
  const cookie = answer.headers.getSetCookie().find((text) => text.includes('session_token'))!
  expect(cookie).toMatch(/HttpOnly/i)
  expect(cookie).toMatch(/SameSite=Lax/i)
  const rows = await sessions(ada)
  expect(rows).toHaveLength(1)
  expect(rows[0].ip_address).toBe('192.0.2.1')
  expect(rows[0].id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
})

it('believes the address of the HTTP server, not one that the caller claims', async () => {
  const browser = g.browser('198.51.100.9')
  await browser.post(
    '/sign-in/email',
    { email: 'ada@example.org', password },
    { 'x-forwarded-for': '203.0.113.5', 'x-plumbline-ip': '203.0.113.6' },
  )
  expect((await sessions(ada)).map((row) => row.ip_address)).toContain('198.51.100.9')
})

it('marks cookies secure where people come by https', async () => {
  const secure = await ground({ publicUrl: 'https://plumbline.test' })
  try {
    await secure.addPerson('ada@example.org')
    const browser = secure.browser()
    const answer = await browser.signIn('ada@example.org')
    expect(answer.headers.getSetCookie()[0]).toMatch(/^__Secure-.*Secure/)
    expect(await secure.auth.personOf(browser.headers())).toBeDefined()
  } finally {
    await secure.close()
  }
})

it('tells a wrong password and an unknown address apart for nobody', async () => {
  const wrong = await g.browser('192.0.2.50').signIn('ada@example.org', 'not the password')
  const unknown = await g.browser('192.0.2.50').signIn('nobody@example.org')
  expect(wrong.status).toBe(401)
  expect(wrong.body).toEqual({
    code: 'not_signed_in',
    message: 'The e-mail address or the password is wrong.',
    where: 'password',
    hint: expect.any(String),
  })
  expect(unknown.body).toEqual(wrong.body)
})

it('answers malformed requests in the one form', async () => {
  const browser = g.browser('192.0.2.51')
  expect((await browser.post('/sign-in/email', { email: 'no address', password })).body.code).toBe('bad_input')
  expect((await browser.post('/sign-in/email', { password: 7 })).body.code).toBe('bad_input')
  expect(
    (await browser.post('/sign-in/email', { email: 'ada@example.org', password: 'x'.repeat(500) })).body.code,
  ).toBe('bad_input')
})

it('offers no way to register, to change an address or to read the token', async () => {
  const browser = g.browser()
  await browser.signIn('ada@example.org')
  for (const path of [
    '/sign-up/email',
    '/change-email',
    '/delete-user',
    '/update-user',
    '/get-session',
    '/list-sessions',
    '/set-password',
  ])
    expect(await browser.post(path, { email: 'x@example.org', password, name: 'X' })).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    })
})

it('refuses a request that another site sends with the cookie', async () => {
  const browser = g.browser()
  await browser.signIn('ada@example.org')
  expect(await browser.post('/sign-out', {}, { origin: 'https://evil.example' })).toMatchObject({
    status: 403,
    body: { code: 'forbidden' },
  })
  expect(await g.auth.personOf(browser.headers())).toBe(ada)
})

it('ends a session at sign-out, at once and for good', async () => {
  const browser = g.browser()
  await browser.signIn('ada@example.org')
  const kept = browser.headers()
  expect((await browser.post('/sign-out', {})).status).toBe(200)
  expect(await g.auth.personOf(kept)).toBeUndefined()
})

it('knows nobody by a cookie that is forged, cut, unsigned or over', async () => {
  const browser = g.browser()
  await browser.signIn('ada@example.org')
  const [[name, value]] = [...browser.cookies] as [[string, string]]
  const who = (cookie: string) => g.auth.personOf(new Headers({ cookie }))
  expect(await who(`${name}=${value}`)).toBe(ada)
  const token = decodeURIComponent(value).split('.')[0]!
  for (const forged of [token, `${token}.`, `${token}.AAAA`, value.slice(0, -4), `x${value}`, '', '%', '.'])
    expect(await who(`${name}=${forged}`)).toBeUndefined()
  await g.database.pool.query(`UPDATE sessions SET expires_at = now() - interval '1 second' WHERE token = $1`, [token])
  expect(await who(`${name}=${value}`)).toBeUndefined()
})

it('lets a disabled person neither in nor stay', async () => {
  const bob = await g.addPerson('bob@example.org')
  const browser = g.browser('192.0.2.52')
  await browser.signIn('bob@example.org')
  await g.database.pool.query('UPDATE people SET disabled_at = now() WHERE id = $1', [bob])
  expect(await g.auth.personOf(browser.headers())).toBeUndefined()
  expect(await g.browser('192.0.2.52').signIn('bob@example.org')).toMatchObject({
    status: 403,
    body: { code: 'forbidden', message: 'This account was disabled.' },
  })
})

it('asks for the second factor once it is on, takes each recovery code once, and audits on, off and new codes', async () => {
  const person = await g.addPerson('two@example.org')
  const browser = g.browser('192.0.2.60')
  await browser.signIn('two@example.org')
  const enabled = await browser.post('/two-factor/enable', { password })
  const secret = new URL(String(enabled.body.totpURI)).searchParams.get('secret')!
  const code = () => createOTP(Buffer.from(base32(secret)).toString()).totp()
  expect((await browser.post('/two-factor/verify-totp', { code: '000000' })).body.code).toBe('bad_input')
  expect((await browser.post('/two-factor/verify-totp', { code: await code() })).status).toBe(200)

  const next = g.browser('192.0.2.61')
  expect((await next.signIn('two@example.org')).body).toMatchObject({ twoFactorRedirect: true })
  expect(await g.auth.personOf(next.headers())).toBeUndefined()
  expect((await next.post('/two-factor/verify-totp', { code: await code() })).status).toBe(200)
  expect(await g.auth.personOf(next.headers())).toBeDefined()

  const [recovery] = enabled.body.backupCodes as string[]
  const third = g.browser('192.0.2.62')
  await third.signIn('two@example.org')
  expect((await third.post('/two-factor/verify-backup-code', { code: recovery })).status).toBe(200)
  const fourth = g.browser('192.0.2.63')
  await fourth.signIn('two@example.org')
  expect((await fourth.post('/two-factor/verify-backup-code', { code: recovery })).body.code).toBe('bad_input')

  const again = '/two-factor/generate-backup-codes'
  expect((await third.post(again, { password: 'not the password' })).status).toBe(400)
  expect((await third.post(again, { password })).status).toBe(200)
  expect((await third.post('/two-factor/disable', { password: 'not the password' })).status).toBe(400)
  expect((await third.post('/two-factor/disable', { password })).status).toBe(200)
  const { rows } = await g.database.pool.query('SELECT action FROM audit WHERE actor = $1 ORDER BY position', [person])
  expect(rows.map(({ action }) => action)).toEqual([
    'person.second-factor-on',
    'person.recovery-codes',
    'person.second-factor-off',
  ])
})

it('stops guessing: of one account from one network, even a hundred at once, with a right password after', async () => {
  await g.addPerson('eve@example.org')
  const tries = await Promise.all(
    Array.from({ length: attemptsPer.accountAndNetwork + 10 }, () =>
      g.browser('2001:db8:1:2::a').signIn('eve@example.org', 'wrong password'),
    ),
  )
  expect(tries.filter(({ status }) => status === 401)).toHaveLength(attemptsPer.accountAndNetwork)
  const refused = tries.find(({ status }) => status === 429)!
  expect(refused.body).toMatchObject({
    code: 'too_many_requests',
    hint: expect.stringMatching(/Try again in \d+ minutes?\./),
  })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await g.browser('2001:db8:1:2:ffff::1').signIn('eve@example.org')).status).toBe(429)
  expect((await g.browser('2001:db8:1:3::1').signIn('eve@example.org')).status).toBe(200)
})

it('lets an office behind one address sign in at nine', async () => {
  for (let i = 0; i < 2; i++) {
    const all = await Promise.all(Array.from({ length: 8 }, () => g.browser('203.0.113.77').signIn('ada@example.org')))
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 200))
  }
})

it('counts an IPv6 customer as one network, and IPv4 by address', () => {
  expect(networkOf('2001:db8:1:2::1')).toBe(networkOf('2001:db8:1:2:ffff:ffff:ffff:ffff'))
  expect(networkOf('2001:db8:1:2::1')).not.toBe(networkOf('2001:db8:1:3::1'))
  expect(networkOf('::ffff:192.0.2.1')).toBe('192.0.2.1')
  expect(networkOf('192.0.2.1')).toBe('192.0.2.1')
  expect(networkOf('not an address')).toBe('unknown')
})

/** RFC 4648, without padding. */
function base32(text: string): Uint8Array {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...text].map((char) => alphabet.indexOf(char).toString(2).padStart(5, '0')).join('')
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2))
}

/**
 * Signing in: better-auth over our tables. Passwords (scrypt), sessions in the database without a copy in the cookie, so
 * that ending one takes effect at once; a second factor; single sign-on. Nobody registers here: people are invited.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { APIError, betterAuth } from 'better-auth'
import { parseCookies } from 'better-auth/cookies'
import { twoFactor } from 'better-auth/plugins/two-factor'
import { sql } from 'kysely'
import type pg from 'pg'
import type { Logger } from 'pino'
import { recordAudit } from '../platform/audit.ts'
import { dbOver } from '../platform/db.ts'
import { toProblem } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import { all, type Db, first, inTransaction } from '../platform/sql.ts'
import { together } from '../platform/together.ts'
import { problemResponse, toProblemResponse } from './auth-problems.ts'
import type { Oidc } from './oidc.ts'
import { passwordLength } from './rules.ts'
import { type SignInLimits, signInLimits, TooManyAttempts } from './sign-in-limits.ts'

interface AuthOptions {
  pool: pg.Pool
  /** Signs cookies: `derivedKey(masterKey(dataDir), 'sign-in')`. */
  secret: Buffer
  /** Where people reach Plumbline, without a path: https://plumbline.example.org. https makes the cookies secure. */
  publicUrl: string
  oidc?: Oidc
  log?: Pick<Logger, 'warn' | 'error'>
}

export interface Session {
  id: string
  person: string
}

export interface Auth {
  /** Answers /api/auth/*. `ip` is the caller's address as the HTTP server knows it. */
  handler(request: Request, ip: string): Promise<Response>
  /**
   * The token of the session whose cookie the headers carry, if the signature is ours; no query. It stands for a person only
   * while `sessions` holds it.
   */
  tokenOf(headers: Headers): string | undefined
  /** The person whose session cookie the headers carry; one query. */
  personOf(headers: Headers): Promise<string | undefined>
  sessionOf(headers: Headers): Promise<Session | undefined>
  /** Signs in with a password that is known to be right; returns the cookies to set, and whether a code is asked for next. */
  signIn(
    email: string,
    password: string,
    headers: Headers,
    ip: string,
  ): Promise<{ cookies: string[]; secondFactor: boolean }>
  limits: SignInLimits
  /** The name of the identity provider, where one is set up. */
  sso: string | null
}

const basePath = '/api/auth'
const oidcProvider = 'oidc'
const sessionDays = 30
const ipHeader = 'x-plumbline-ip'

const newRecoveryCodes = '/two-factor/generate-backup-codes'

/** What better-auth answers of its own; the rest (sign-up, changing addresses, deleting accounts) is not offered. */
const offered = new Map<string, 'GET' | 'POST'>([
  ['/sign-in/email', 'POST'],
  ['/sign-in/social', 'POST'],
  ['/sign-out', 'POST'],
  [`/callback/${oidcProvider}`, 'GET'],
  ['/two-factor/enable', 'POST'],
  ['/two-factor/disable', 'POST'],
  ['/two-factor/verify-totp', 'POST'],
  ['/two-factor/verify-backup-code', 'POST'],
  [newRecoveryCodes, 'POST'],
])
/** Where a password or a code is tried. */
const guessed = new Set([
  '/sign-in/email',
  '/two-factor/enable',
  '/two-factor/disable',
  '/two-factor/verify-totp',
  '/two-factor/verify-backup-code',
  newRecoveryCodes,
])

const dates = { createdAt: 'created_at', updatedAt: 'updated_at' }

/** Loaded only where it is set up: the start of the server waits for every module. */
async function singleSignOn(oidc: Oidc | undefined) {
  if (!oidc) return []
  const { genericOAuth } = await import('better-auth/plugins/generic-oauth')
  const { issuer, name, clientId, clientSecret } = oidc
  const provider = {
    providerId: oidcProvider,
    name,
    clientId,
    clientSecret,
    discoveryUrl: `${issuer}/.well-known/openid-configuration`,
    scopes: ['openid', 'email', 'profile'],
    requireIdTokenVerification: true,
    disableSignUp: true,
  }
  return [genericOAuth({ config: [provider] })]
}

async function setSecondFactor(trx: Db, person: string, on: boolean): Promise<void> {
  await sql`UPDATE people SET two_factor_enabled = ${on}, updated_at = now() WHERE id = ${person}`.execute(trx)
  const action = on ? 'person.second-factor-on' : 'person.second-factor-off'
  await recordAudit(trx, [{ actor: person, action, subject: `person ${person}` }], new Date())
}

/** better-auth has no hook for these: the row follows them, and only a crash in between can lose it. */
const recordRecoveryCodes = (db: Db, person: string): Promise<void> =>
  inTransaction(db, (trx) =>
    recordAudit(trx, [{ actor: person, action: 'person.recovery-codes', subject: `person ${person}` }], new Date()),
  )

async function configure({ pool, secret, publicUrl, oidc, log }: AuthOptions) {
  const db = dbOver(pool)
  return betterAuth({
    appName: 'Plumbline',
    baseURL: publicUrl,
    basePath,
    secret: secret.toString('hex'),
    database: pool,
    telemetry: { enabled: false },
    // Without a level of its own: with one, refused requests are printed past this function.
    logger: { log: (level, message) => level === 'error' && log?.warn({ from: 'better-auth' }, message) },
    onAPIError: { errorURL: '/sign-in' },
    // The page's own host is trusted whatever name it was reached by: an attacker's page has another one.
    trustedOrigins: (request) => {
      const host = request && new URL(request.url).host
      return host ? [`http://${host}`, `https://${host}`] : []
    },
    user: { modelName: 'people', fields: { ...dates, emailVerified: 'email_verified' } },
    session: {
      modelName: 'sessions',
      fields: {
        ...dates,
        userId: 'person_id',
        expiresAt: 'expires_at',
        ipAddress: 'ip_address',
        userAgent: 'user_agent',
      },
      expiresIn: sessionDays * 24 * 3600,
      // The hot path reads the session itself and renews nothing: after 30 days one signs in again.
      disableSessionRefresh: true,
    },
    account: {
      modelName: 'credentials',
      fields: {
        ...dates,
        userId: 'person_id',
        accountId: 'account_id',
        providerId: 'provider_id',
        accessToken: 'access_token',
        refreshToken: 'refresh_token',
        idToken: 'id_token',
        accessTokenExpiresAt: 'access_token_expires_at',
        refreshTokenExpiresAt: 'refresh_token_expires_at',
      },
      encryptOAuthTokens: true,
      accountLinking: { trustedProviders: [oidcProvider] },
    },
    verification: { modelName: 'verifications', fields: { ...dates, expiresAt: 'expires_at' } },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: passwordLength.min,
      maxPasswordLength: passwordLength.max,
    },
    // Ours counts in the database and by account as well.
    rateLimit: { enabled: false },
    advanced: {
      cookiePrefix: 'plumbline',
      database: { generateId: () => newId() },
      ipAddress: { ipAddressHeaders: [ipHeader] },
      disableCSRFCheck: false,
      disableOriginCheck: false,
    },
    databaseHooks: {
      user: {
        update: {
          // Changed here, with its audit row; what better-auth then writes changes nothing more.
          before: async ({ twoFactorEnabled: on }, context) => {
            const person = context?.context.session?.user.id
            if (person && typeof on === 'boolean') await inTransaction(db, (trx) => setSecondFactor(trx, person, on))
          },
        },
      },
      session: {
        create: {
          // Every way of signing in ends here.
          before: async ({ userId }) => {
            const person = sql`SELECT 1 FROM people WHERE id = ${userId} AND disabled_at IS NULL`
            if (!(await first(db, person)))
              throw new APIError('FORBIDDEN', { code: 'person_disabled', message: 'This account was disabled.' })
          },
        },
      },
    },
    plugins: [
      twoFactor({
        issuer: 'Plumbline',
        allowPasswordless: true,
        schema: {
          user: { fields: { twoFactorEnabled: 'two_factor_enabled' } },
          twoFactor: {
            modelName: 'two_factors',
            fields: {
              userId: 'person_id',
              backupCodes: 'backup_codes',
              failedVerificationCount: 'failed_verification_count',
              lockedUntil: 'locked_until',
            },
          },
        },
      }),
      ...(await singleSignOn(oidc)),
    ],
  })
}

/** The value of a signed cookie (`value.signature`, HMAC-SHA-256 in base64), or undefined where the signature is not ours. */
function unsign(signed: string, secret: string): string | undefined {
  const dot = signed.lastIndexOf('.')
  if (dot < 1) return undefined
  const value = signed.slice(0, dot)
  const given = Buffer.from(signed.slice(dot + 1), 'base64')
  const right = createHmac('sha256', secret).update(value).digest()
  return given.length === right.length && timingSafeEqual(given, right) ? value : undefined
}

async function emailIn(request: Request): Promise<string | undefined> {
  const body: unknown = await request
    .clone()
    .json()
    .catch(() => undefined)
  const email = body && typeof body === 'object' && 'email' in body ? body.email : undefined
  return typeof email === 'string' ? email : undefined
}

/** The token of a new session stays in its cookie, where no script can read it. */
async function withoutToken(response: Response): Promise<Response> {
  if (response.status !== 200 || !response.headers.get('content-type')?.includes('json')) return response
  const body: unknown = await response.json()
  if (body && typeof body === 'object' && 'token' in body) delete body.token
  const headers = new Headers(response.headers)
  headers.delete('content-length')
  return new Response(JSON.stringify(body), { status: response.status, headers })
}

export async function createAuth(options: AuthOptions): Promise<Auth> {
  const db = dbOver(options.pool)
  const auth = await configure(options)
  const { authCookies, secret } = await auth.$context
  const limits = signInLimits(options.pool)

  function tokenOf(headers: Headers): string | undefined {
    const cookie = headers.get('cookie')
    const signed = cookie && parseCookies(cookie).get(authCookies.sessionToken.name)
    return signed ? unsign(signed, secret) : undefined
  }

  const sessionFor = together(async (on, tokens: string[]) => {
    const rows = await all(
      on,
      sql<Session & { token: string }>`
        SELECT s.id, s.person_id AS person, s.token FROM sessions s JOIN people p ON p.id = s.person_id
        WHERE s.token = ANY(${tokens}::text[]) AND s.expires_at > now() AND p.disabled_at IS NULL`,
    )
    const found = new Map(rows.map(({ token, ...session }) => [token, session]))
    return tokens.map((token) => found.get(token))
  })

  async function sessionOf(headers: Headers): Promise<Session | undefined> {
    const token = tokenOf(headers)
    return token ? sessionFor(db, token) : undefined
  }

  async function answer(request: Request, path: string, ip: string): Promise<Response> {
    const headers = new Headers(request.headers)
    headers.set(ipHeader, ip)
    const attempt = guessed.has(path) ? await limits(await emailIn(request), ip) : undefined
    const response = await auth.handler(new Request(request, { headers }))
    if (response.status >= 400) return toProblemResponse(response)
    await attempt?.succeeded()
    const session = path === newRecoveryCodes ? await sessionOf(headers) : undefined
    if (session) await recordRecoveryCodes(db, session.person)
    return withoutToken(response)
  }

  return {
    limits,
    tokenOf,
    sessionOf,
    sso: options.oidc?.name ?? null,
    personOf: async (headers) => (await sessionOf(headers))?.person,
    async handler(request, ip) {
      const path = new URL(request.url).pathname.slice(basePath.length)
      if (offered.get(path) !== request.method)
        return problemResponse({ code: 'not_found', message: 'There is no such address.', where: path })
      try {
        return await answer(request, path, ip)
      } catch (error) {
        if (error instanceof TooManyAttempts)
          return problemResponse(error, { 'retry-after': String(error.retryAfterSeconds) })
        options.log?.error({ err: error }, 'signing in failed')
        return problemResponse(toProblem(error))
      }
    },
    async signIn(email, password, headers, ip) {
      const from = new Headers(headers)
      from.set(ipHeader, ip)
      const answered = await auth.api.signInEmail({ body: { email, password }, headers: from, returnHeaders: true })
      return { cookies: answered.headers.getSetCookie(), secondFactor: !('token' in answered.response) }
    },
  }
}

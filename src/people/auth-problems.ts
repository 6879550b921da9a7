/** Gives the answers of better-auth the one form of errors: its own codes and words never reach a user. */
import { httpStatusOf, type KnownCode, type Problem } from '../platform/errors.ts'

const wrongPassword: Problem = { code: 'bad_input', message: 'The password is wrong.', where: 'password' }
const wrongCode: Problem = {
  code: 'bad_input',
  message: 'This code is wrong or has expired.',
  where: 'code',
  hint: 'Enter the code that your authenticator app shows now.',
}
const crossSite: Problem = {
  code: 'forbidden',
  message: 'This request came from another site.',
  hint: 'Open Plumbline at its own address; the operator sets it with PLUMBLINE_URL.',
}

/** By better-auth's codes; what is missing here is told by its status alone. */
const problems: Record<string, Problem> = {
  INVALID_EMAIL_OR_PASSWORD: {
    code: 'not_signed_in',
    message: 'The e-mail address or the password is wrong.',
    where: 'password',
    hint: 'Ask the person who invited you for a new link if you forgot it.',
  },
  INVALID_EMAIL: { code: 'bad_input', message: 'This is not an e-mail address.', where: 'email' },
  INVALID_PASSWORD: wrongPassword,
  PASSWORD_TOO_LONG: { code: 'bad_input', message: 'The password is too long.', where: 'password' },
  person_disabled: {
    code: 'forbidden',
    message: 'This account was disabled.',
    hint: 'Ask an owner of the organisation.',
  },
  INVALID_CODE: wrongCode,
  INVALID_BACKUP_CODE: { ...wrongCode, message: 'This recovery code is wrong or was used.', hint: 'Try another one.' },
  OTP_HAS_EXPIRED: wrongCode,
  INVALID_TWO_FACTOR_COOKIE: {
    code: 'not_signed_in',
    message: 'Signing in took too long.',
    hint: 'Enter your e-mail address and password again.',
  },
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: {
    code: 'too_many_requests',
    message: 'There were too many wrong codes.',
    hint: 'Sign in again.',
  },
  ACCOUNT_TEMPORARILY_LOCKED: {
    code: 'too_many_requests',
    message: 'There were too many wrong codes for this account.',
    hint: 'Try again in 15 minutes.',
  },
  TOTP_ALREADY_ENABLED: { code: 'conflict', message: 'The second factor is on already.' },
  TOTP_NOT_ENABLED: { code: 'conflict', message: 'The second factor is off.' },
  TWO_FACTOR_NOT_ENABLED: { code: 'conflict', message: 'The second factor is off.' },
  INVALID_ORIGIN: crossSite,
  MISSING_OR_NULL_ORIGIN: crossSite,
  CROSS_SITE_NAVIGATION_LOGIN_BLOCKED: crossSite,
  INVALID_CALLBACK_URL: { ...crossSite, message: 'The address to return to is on another site.', where: 'callbackURL' },
  PROVIDER_NOT_FOUND: {
    code: 'not_found',
    message: 'Signing in with this provider is not set up.',
    hint: 'The operator sets PLUMBLINE_OIDC_ISSUER, PLUMBLINE_OIDC_CLIENT_ID and PLUMBLINE_OIDC_CLIENT_SECRET.',
  },
}

const byStatus: Record<number, Problem> = {
  400: { code: 'bad_input', message: 'This request is not complete, or a field has the wrong form.' },
  401: { code: 'not_signed_in', message: 'Sign in first.' },
  403: { code: 'forbidden', message: 'This is not allowed.' },
  404: { code: 'not_found', message: 'There is no such address.' },
  429: { code: 'too_many_requests', message: 'There were too many requests.', hint: 'Try again in a minute.' },
}
const internal: Problem = {
  code: 'internal',
  message: 'Something went wrong inside Plumbline.',
  hint: 'Try again; the log has the details.',
}

export function problemResponse(problem: Problem, headers: HeadersInit = {}): Response {
  const { code, message, where, hint } = problem
  return Response.json({ code, message, where, hint }, { status: httpStatusOf(code as KnownCode), headers })
}

/** An answer of better-auth that failed, in our form; cookies that it takes back are kept. */
export async function toProblemResponse(response: Response): Promise<Response> {
  const body: unknown = await response.json().catch(() => undefined)
  const code = body && typeof body === 'object' && 'code' in body ? String(body.code) : ''
  const headers = new Headers()
  for (const cookie of response.headers.getSetCookie()) headers.append('set-cookie', cookie)
  return problemResponse(problems[code] ?? byStatus[response.status] ?? internal, headers)
}

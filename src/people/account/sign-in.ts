/** The addresses under /api/auth, which are better-auth's and stand in no contract of ours. */
import { PlumblineError } from '../../platform/errors.ts'

async function post<T>(path: string, body: object = {}): Promise<T> {
  const response = await fetch(`/api/auth${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    credentials: 'same-origin',
    body: JSON.stringify(body),
  })
  const answer: unknown = await response.json().catch(() => undefined)
  if (response.ok) return answer as T
  const said = answer as { code?: string; message?: string; where?: string; hint?: string } | undefined
  throw new PlumblineError({
    code: said?.code ?? 'unavailable',
    message: said?.message ?? 'The server did not answer as expected.',
    where: said?.where,
    hint: said?.hint ?? 'Try again in a moment.',
  })
}

/** True where a code of the authenticator app is asked for before the session begins. */
export const signIn = async (email: string, password: string): Promise<{ secondFactor: boolean }> => {
  const { twoFactorRedirect } = await post<{ twoFactorRedirect?: boolean }>('/sign-in/email', { email, password })
  return { secondFactor: twoFactorRedirect === true }
}

export const signOut = (): Promise<unknown> => post('/sign-out')

/** The second step of signing in; also confirms a second factor that was just switched on. */
export const verifyCode = (code: string): Promise<unknown> => post('/two-factor/verify-totp', { code })

export const verifyRecoveryCode = (code: string): Promise<unknown> => post('/two-factor/verify-backup-code', { code })

/** The address of the identity provider to go to. */
export const ssoAddress = async (next: string): Promise<string> => {
  const { url } = await post<{ url: string }>('/sign-in/social', { provider: 'oidc', callbackURL: next })
  return url
}

/** Begins a second factor: the secret as an otpauth address, and codes for the day that the phone is lost. */
export const beginSecondFactor = (password?: string): Promise<{ totpURI: string; backupCodes: string[] }> =>
  post('/two-factor/enable', { password })

export const endSecondFactor = (password?: string): Promise<unknown> => post('/two-factor/disable', { password })

export const newRecoveryCodes = (password?: string): Promise<{ backupCodes: string[] }> =>
  post('/two-factor/generate-backup-codes', { password })

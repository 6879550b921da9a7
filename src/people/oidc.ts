/** Signing in with the organisation's own identity provider (OpenID Connect), set up by the environment. */
import { fail } from '../platform/errors.ts'

export interface Oidc {
  issuer: string
  clientId: string
  clientSecret: string
  /** What the button says. */
  name: string
}

const variables = ['PLUMBLINE_OIDC_ISSUER', 'PLUMBLINE_OIDC_CLIENT_ID', 'PLUMBLINE_OIDC_CLIENT_SECRET'] as const

/** PLUMBLINE_OIDC_ISSUER, _CLIENT_ID and _CLIENT_SECRET, all or none; _NAME is what the button says ("single sign-on"). */
export function oidcFrom(env: NodeJS.ProcessEnv): Oidc | undefined {
  const [issuer, clientId, clientSecret] = variables.map((name) => env[name]?.trim())
  if (!issuer && !clientId && !clientSecret) return undefined
  const missing = variables.filter((name) => !env[name]?.trim())
  if (!issuer || !clientId || !clientSecret)
    return fail('bad_input', 'Single sign-on is set up by half.', { where: missing.join(', '), hint: 'Set all three.' })
  if (!URL.canParse(issuer) || !/^https?:$/.test(new URL(issuer).protocol))
    return fail('bad_input', 'The issuer of single sign-on is not an address.', {
      where: 'PLUMBLINE_OIDC_ISSUER',
      hint: 'It looks like https://login.example.org/realms/team.',
    })
  return {
    issuer: issuer.replace(/\/+$/, ''),
    clientId,
    clientSecret,
    name: env.PLUMBLINE_OIDC_NAME ?? 'single sign-on',
  }
}

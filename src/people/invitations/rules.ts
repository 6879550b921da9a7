/** Whether a link may still be used. */
import type { Problem } from '../../platform/errors.ts'

interface Standing {
  accepted: boolean
  revoked: boolean
  expiresAt: Date
}

const ask = 'Ask whoever sent it for a new one.'

/** Why the link cannot be used any more, or undefined. */
export function fault({ accepted, revoked, expiresAt }: Standing, now: Date): Problem | undefined {
  if (accepted)
    return {
      code: 'gone',
      message: 'This link was used already.',
      hint: 'Sign in, or ask whoever sent it for a new one.',
    }
  if (revoked) return { code: 'gone', message: 'This link was taken back.', hint: ask }
  if (expiresAt <= now) return { code: 'gone', message: 'This link has expired.', hint: ask }
  return undefined
}

/**
 * How often signing in may be tried: by one account from one network, by one account, and from one network. Counted in
 * PostgreSQL, so that replicas share the count. An attempt is counted before it is made, or a hundred at once would all pass.
 */
import ipaddr from 'ipaddr.js'
import type pg from 'pg'
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import { PlumblineError } from '../platform/errors.ts'
import { sha256 } from '../platform/ids.ts'

const windowSeconds = 15 * 60
/** An office behind one address signs in at nine o'clock; a success gives its attempt back. */
export const attemptsPer = { accountAndNetwork: 10, account: 50, network: 100 } as const

/** An IPv6 customer holds a whole /64, so that its addresses count as one; IPv4 in IPv6 clothes counts as IPv4. */
export function networkOf(ip: string): string {
  if (!ipaddr.isValid(ip)) return 'unknown'
  const address = ipaddr.process(ip)
  if (address.kind() === 'ipv4') return address.toString()
  return `${address
    .toByteArray()
    .slice(0, 8)
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')}/64`
}

export class TooManyAttempts extends PlumblineError {
  readonly retryAfterSeconds: number

  constructor(retryAfterSeconds: number) {
    const minutes = Math.max(1, Math.ceil(retryAfterSeconds / 60))
    super({
      code: 'too_many_requests',
      message: 'There were too many attempts to sign in.',
      hint: `Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`,
    })
    this.retryAfterSeconds = retryAfterSeconds
  }
}

interface Attempt {
  /** Called when the attempt succeeded: it no longer counts. */
  succeeded(): Promise<void>
}

export type SignInLimits = (account: string | undefined, ip: string) => Promise<Attempt>

/** Counts an attempt on `account` (an e-mail address, or undefined where it is not known) from `ip`; throws `TooManyAttempts`. */
export function signInLimits(pool: pg.Pool): SignInLimits {
  const limiter = (keyPrefix: keyof typeof attemptsPer) =>
    new RateLimiterPostgres({
      storeClient: pool,
      storeType: 'pool',
      tableName: 'rate_limits',
      tableCreated: true,
      keyPrefix,
      points: attemptsPer[keyPrefix],
      duration: windowSeconds,
    })
  const limiters = {
    accountAndNetwork: limiter('accountAndNetwork'),
    account: limiter('account'),
    network: limiter('network'),
  }
  return async (account, ip) => {
    const network = networkOf(ip)
    // Digests: the table of counts names nobody.
    const key = (...parts: string[]) => sha256(parts.join('\n')).toString('base64url')
    const counts: [RateLimiterPostgres, string][] = [[limiters.network, key(network)]]
    if (account) {
      const who = account.trim().toLowerCase()
      counts.push([limiters.account, key(who)], [limiters.accountAndNetwork, key(who, network)])
    }
    try {
      await Promise.all(counts.map(([limit, counted]) => limit.consume(counted)))
    } catch (error) {
      if (error instanceof RateLimiterRes) throw new TooManyAttempts(Math.ceil(error.msBeforeNext / 1000))
      throw error
    }
    return {
      async succeeded() {
        await Promise.all(
          counts.map(([limit, counted]) =>
            limit === limiters.accountAndNetwork ? limit.delete(counted) : limit.reward(counted),
          ),
        )
      },
    }
  }
}

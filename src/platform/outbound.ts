/**
 * The one way in which a URL that a user entered is fetched. The address is checked where the connection is made, so that
 * a name that changes its mind between a check and the connection (DNS rebinding) gains nothing; redirects are followed by
 * hand and checked again; answers are limited in size, after decompression, and in time.
 */
import { lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import { Agent, buildConnector, type Dispatcher, fetch, Response } from 'undici'
import { type Permits, permits } from './addresses.ts'
import { fail, isProblem, PlumblineError } from './errors.ts'

interface OutboundInit {
  method?: string
  headers?: Record<string, string>
  body?: string | Uint8Array
  signal?: AbortSignal
}

export interface Guard {
  /** See `permits`; PLUMBLINE_ALLOW_PRIVATE unless told. */
  allowPrivate?: string
  /** Of the answer's body, decompressed. */
  maxBytes?: number
  /** From the call to the last byte of the body. */
  timeoutMs?: number
  /** How names are resolved. */
  lookup?: typeof systemLookup
}

const defaults = { maxBytes: 16 * 1024 * 1024, timeoutMs: 120_000 }
const connectTimeoutMs = 10_000
const mostRedirects = 5
const redirects = new Set([301, 302, 303, 307, 308])
/** Not for another origin's eyes. */
const secretHeaders = ['authorization', 'cookie', 'proxy-authorization', 'x-api-key', 'api-key']

const refused = (host: string): PlumblineError =>
  new PlumblineError({
    code: 'forbidden',
    message: `${host} leads into a private network, and this server may not be used to reach it.`,
    where: host,
    hint: 'The operator can allow it: PLUMBLINE_ALLOW_PRIVATE=host, address or range (10.0.0.0/8), divided by commas.',
  })

/** Resolves a name and passes its addresses on only if each of them is permitted. */
const guardedLookup =
  (allows: Permits, lookup: typeof systemLookup): LookupFunction =>
  (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0)
      if (addresses.some(({ address }) => !allows(host, address))) return callback(refused(host), '', 0)
      if (options.all) return callback(null, addresses)
      const [first] = addresses
      return first ? callback(null, first.address, first.family) : callback(new Error(`${host} has no address`), '', 0)
    })
  }

function agentFor(allows: Permits, lookup: typeof systemLookup): Agent {
  const connector = buildConnector({ timeout: connectTimeoutMs, lookup: guardedLookup(allows, lookup) })
  return new Agent({
    connect(options, callback) {
      // An address that stands in the URL is never looked up.
      if (ipaddr.isValid(options.hostname) && !allows(options.hostname, options.hostname))
        return callback(refused(options.hostname), null)
      return connector(options, callback)
    },
  })
}

/** Connections are kept and used again, by what is allowed. */
const agents = new Map<string, Agent>()
function dispatcherFor(allowPrivate: string, lookup: typeof systemLookup): Dispatcher {
  if (lookup !== systemLookup) return agentFor(permits(allowPrivate), lookup)
  const kept = agents.get(allowPrivate) ?? agentFor(permits(allowPrivate), lookup)
  agents.set(allowPrivate, kept)
  return kept
}

function parse(url: string, base?: URL): URL {
  const hint = 'It begins with https:// or http://.'
  if (!URL.canParse(url, base)) return fail('bad_input', 'This is not an address.', { where: 'url', hint })
  const parsed = new URL(url, base)
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:')
    return fail('bad_input', `Addresses of the kind ${parsed.protocol} are not fetched.`, { where: 'url', hint })
  if (parsed.username || parsed.password)
    return fail('bad_input', 'The address carries a user name or a password.', {
      where: 'url',
      hint: 'Enter the API key in its own field.',
    })
  return parsed
}

/** The next request of a redirect, as browsers make it; another origin is told no secrets. */
function redirected(init: OutboundInit, status: number, from: URL, to: URL): OutboundInit {
  const toGet = status === 303 || (status <= 302 && init.method?.toUpperCase() === 'POST')
  const withheld = new Set([
    ...(from.origin === to.origin ? [] : secretHeaders),
    ...(toGet ? ['content-type', 'content-length'] : []),
  ])
  const headers = Object.fromEntries(
    Object.entries(init.headers ?? {}).filter(([name]) => !withheld.has(name.toLowerCase())),
  )
  return toGet ? { signal: init.signal, method: 'GET', headers } : { ...init, headers }
}

/** What went wrong on the way, in our form; whoever aborts the call gets their own reason back. */
function troubleOf(error: unknown, host: string, caller: AbortSignal | undefined, timeoutMs: number): unknown {
  if (caller?.aborted) return caller.reason
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  if (isProblem(cause)) return cause
  if (cause instanceof Error && cause.name === 'TimeoutError')
    return new PlumblineError({
      code: 'unavailable',
      message: `${host} did not answer within ${timeoutMs / 1000} seconds.`,
      where: host,
    })
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String((cause as Error)?.message)
  return new PlumblineError({
    code: 'unavailable',
    message: `${host} could not be reached (${reason}).`,
    where: host,
    hint: 'Check the address, and that the server there runs.',
  })
}

/**
 * Aborts after a while, or with the caller. Not `AbortSignal.any` of `AbortSignal.timeout`: Node 20 may collect both as
 * garbage while they are waited for, and then nothing ever ends.
 */
function deadline(timeoutMs: number, caller: AbortSignal | undefined): { signal: AbortSignal; release(): void } {
  const controller = new AbortController()
  const give = () => controller.abort(caller?.reason)
  const timer = setTimeout(() => controller.abort(new DOMException('too late', 'TimeoutError')), timeoutMs).unref()
  if (caller?.aborted) give()
  else caller?.addEventListener('abort', give)
  const release = () => {
    clearTimeout(timer)
    caller?.removeEventListener('abort', give)
  }
  return { signal: controller.signal, release }
}

/** Passes a body on until it is larger than allowed. */
async function* limited(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  trouble: (error: unknown) => unknown,
  release: () => void,
) {
  let bytes = 0
  try {
    for await (const chunk of body) {
      bytes += chunk.byteLength
      if (bytes > maxBytes)
        fail('too_large', `The answer is larger than ${Math.floor(maxBytes / 1024 / 1024)} MiB.`, { where: 'url' })
      yield chunk
    }
  } catch (error) {
    throw trouble(error)
  } finally {
    release()
  }
}

/**
 * Fetches `url`. Throws `bad_input` (no address of the web), `forbidden` (it leads into a private network), `too_large`,
 * `unavailable` (no connection, or no answer in time); while the body is read as well.
 */
export async function guardedFetch(url: string, init: OutboundInit = {}, guard: Guard = {}): Promise<Response> {
  const { maxBytes, timeoutMs } = { ...defaults, ...guard }
  const allowPrivate = guard.allowPrivate ?? process.env.PLUMBLINE_ALLOW_PRIVATE ?? ''
  const dispatcher = dispatcherFor(allowPrivate, guard.lookup ?? systemLookup)
  let target = parse(url)
  const { signal, release } = deadline(timeoutMs, init.signal)
  let request = init
  try {
    for (let hop = 0; hop <= mostRedirects; hop++) {
      const trouble = (error: unknown) => troubleOf(error, target.host, init.signal, timeoutMs)
      const response = await fetch(target, { ...request, signal, dispatcher, redirect: 'manual' }).catch(
        (error: unknown) => Promise.reject(trouble(error)),
      )
      const location = redirects.has(response.status) && response.headers.get('location')
      if (!location) {
        const { status, statusText, headers, body } = response
        if (!body) release()
        return new Response(body && limited(body, maxBytes, trouble, release), { status, statusText, headers })
      }
      await response.body?.cancel()
      const next = parse(location, target)
      request = redirected(request, response.status, target, next)
      target = next
    }
    return fail('unavailable', `The address was redirected more than ${mostRedirects} times.`, { where: target.host })
  } catch (error) {
    release()
    throw error
  }
}

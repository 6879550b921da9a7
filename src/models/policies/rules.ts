/** What a call costs; what an endpoint means that will not answer. */
import type { Price } from './contract.ts'

/** In currency units, or null where tokens or prices are not known. */
export function costOf({ input, output }: Price, tokensIn: number | null, tokensOut: number | null): number | null {
  if ((input ?? output) === undefined || tokensIn === null || tokensOut === null) return null
  return ((input ?? 0) * tokensIn + (output ?? 0) * tokensOut) / 1e6
}

/** Milliseconds until an endpoint may be asked again, of its `Retry-After`: seconds, or a date. Undefined where it says none. */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === '') return undefined
  const ms = /^\s*\d+(\.\d+)?\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}

const longestQuote = 300
/** Nothing that moves a cursor, turns the direction of a line, or cannot be seen. */
const unseen = /[\p{Cc}\p{Cf}\u2028\u2029]+/gu

/**
 * What an endpoint says of its refusal, fit to be shown: its message, in a line, of 300 characters at most. It is a stranger's
 * text, and may repeat the key that it was sent.
 */
export function quoted(body: string, key: string | undefined): string {
  const said = messageIn(body) ?? body.replaceAll(/<[^<>]*>/g, ' ')
  const line = (key ? said.replaceAll(key, '[key]') : said).replaceAll(unseen, ' ').replaceAll(/\s+/g, ' ').trim()
  return line.length > longestQuote ? `${line.slice(0, longestQuote).toWellFormed()}…` : line
}

/** The message of the usual shapes: `{"error": {"message"}}`, `{"error"}`, `{"message"}`, `{"detail"}`. */
function messageIn(body: string): string | undefined {
  try {
    const { error, message, detail } = (JSON.parse(body) ?? {}) as Record<string, unknown>
    const inner = typeof error === 'object' && error !== null && 'message' in error ? error.message : error
    const found = [inner, message, detail].find((one) => typeof one === 'string')
    return typeof found === 'string' ? found : body === '{}' ? '' : undefined
  } catch {
    return undefined
  }
}

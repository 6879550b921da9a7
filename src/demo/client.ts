/** The public API as anybody may call it: the typed client of the contract over HTTP, with an API key. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createORPCClient, ORPCError } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import { OpenAPILink } from '@orpc/openapi-client/fetch'
import { contract } from '../contract.ts'
import { PlumblineError, type Problem, toProblem } from '../platform/errors.ts'
import { decodeProblem } from '../platform/http/decode-problem.ts'

export type Client = ContractRouterClient<typeof contract>

/** Errors are those of the server. */
export function clientFor(url: string, key: string): Client {
  const link = new OpenAPILink(contract, {
    url: `${url}/api`,
    headers: { authorization: `Bearer ${key}` },
    customErrorResponseBodyDecoder: decodeProblem,
  })
  return createORPCClient(link)
}

const problemOf = (error: unknown): Problem =>
  error instanceof ORPCError && error.data ? (error.data as Problem) : toProblem(error)

/** The code of what the server refused; undefined where it was not the server that failed. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof ORPCError ? problemOf(error).code : undefined

/** What the server said, as an error of ours. */
export const asProblem = (error: unknown): PlumblineError => new PlumblineError(problemOf(error), { cause: error })

export const moment = 250

/** Looks again and again until there is an answer. Throws when the signal is aborted. */
export async function until<T>(look: () => Promise<T | undefined>, signal: AbortSignal, everyMs = moment): Promise<T> {
  for (;;) {
    signal.throwIfAborted()
    const found = await look()
    if (found !== undefined) return found
    await sleep(everyMs, undefined, { signal })
  }
}

/** Waits for a job and returns what it came to. Throws what it failed with. */
export async function jobDone<T>(api: Client, project: string, job: string, signal: AbortSignal): Promise<T> {
  const ended = await until(async () => {
    const found = await api.jobs.show({ project, job })
    return found.state === 'waiting' || found.state === 'running' ? undefined : found
  }, signal)
  if (ended.state === 'done') return ended.result as T
  throw new PlumblineError(ended.problem ?? { code: 'conflict', message: `The job was ${ended.state}: ${ended.title}` })
}

/** All pages of a list. */
export async function everyPage<Row>(
  page: (after: string | undefined) => Promise<{ rows: Row[]; next: string | null }>,
): Promise<Row[]> {
  const rows: Row[] = []
  for (let after: string | undefined; ; ) {
    const found = await page(after)
    rows.push(...found.rows)
    if (!found.next) return rows
    after = found.next
  }
}

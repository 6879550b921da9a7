/** The typed client of a feature's contract: `const api = clientOf({ tasks }); await api.tasks.claim({ project })`. */
import { createORPCClient } from '@orpc/client'
import type { ContractRouter, ContractRouterClient } from '@orpc/contract'
import { OpenAPILink } from '@orpc/openapi-client/fetch'
import { decodeProblem } from '../platform/http/decode-problem.ts'

/** Errors carry the server's problem as `data`, which `problemOf` reads. */
export function clientOf<C extends ContractRouter<object>>(contract: C): ContractRouterClient<C> {
  const link = new OpenAPILink(contract, {
    url: `${window.location.origin}/api`,
    fetch: (request, init) => fetch(request, { ...init, credentials: 'same-origin' }),
    customErrorResponseBodyDecoder: decodeProblem,
  })
  return createORPCClient(link)
}

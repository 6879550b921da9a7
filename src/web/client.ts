/** The typed client of a feature's contract: `const api = clientOf({ tasks }); await api.tasks.claim({ project })`. */
import { createORPCClient, ORPCError } from '@orpc/client'
import type { ContractRouter, ContractRouterClient } from '@orpc/contract'
import { OpenAPILink } from '@orpc/openapi-client/fetch'

/** Errors carry the server's problem as `data`, which `problemOf` reads. */
export function clientOf<C extends ContractRouter<object>>(contract: C): ContractRouterClient<C> {
  const link = new OpenAPILink(contract, {
    url: `${window.location.origin}/api`,
    fetch: (request, init) => fetch(request, { ...init, credentials: 'same-origin' }),
    customErrorResponseBodyDecoder: (body, { status }) =>
      body && typeof body === 'object' && 'code' in body && 'message' in body
        ? new ORPCError(String(body.code), { status, message: String(body.message), data: body })
        : undefined,
  })
  return createORPCClient(link)
}

/** How a typed client understands what the server refuses: an error whose `data` is the problem, as it was sent. */
import { ORPCError } from '@orpc/client'

export const decodeProblem = (body: unknown, { status }: { status: number }): ORPCError<string, unknown> | undefined =>
  body && typeof body === 'object' && 'code' in body && 'message' in body
    ? new ORPCError(String(body.code), { status, message: String(body.message), data: body })
    : undefined

/** The HTTP server: health, metrics, the API that the contract declares, sign-in, and the browser side. */
import { randomUUID } from 'node:crypto'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { AnyContractRouter } from '@orpc/contract'
import { OpenAPIHandler } from '@orpc/openapi/fetch'
import type { AnyRouter, Router } from '@orpc/server'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { compress } from 'hono/compress'
import { sql } from 'kysely'
import type { CallContext, Platform } from '../context.ts'
import { createMetrics } from './metrics.ts'
import { openApiDocument } from './openapi.ts'
import { problemBody, problemResponse, toApiError } from './problems.ts'
import { sameOriginWrites, secureHeaders } from './security.ts'
import { refuseUnstorable } from './text.ts'
import { mountWeb } from './web.ts'

interface HttpOptions {
  platform: Platform
  contract: AnyContractRouter
  /** The server side of the contract. */
  router: AnyRouter
  /** Answers /api/auth/*. */
  auth(request: Request, ip: string): Promise<Response>
  version: string
  /** Doors of their own beside the API, by their path: who may pass is theirs to decide. */
  doors?: Readonly<Record<string, Hono>>
  /** dist/web; without it there is no browser side (tests of the API). */
  webRoot?: string
}

/** Uploads come in parts of at most 8 MiB; everything else is far smaller. */
const largestBody = 9 * 1024 * 1024

const tooLarge = () =>
  problemResponse({ code: 'too_large', message: 'The request is larger than 9 MiB.', hint: 'Upload files in parts.' })
const counted = bodyLimit({ maxSize: largestBody, onError: tooLarge })

/** A length that was declared is believed: Node reads no further. To count the bytes, each request would become a stream. */
const limitedBody: MiddlewareHandler = async (c, next) => {
  const declared = c.req.header('content-length')
  if (declared === undefined || c.req.header('transfer-encoding')) return counted(c, next)
  return Number(declared) > largestBody ? tooLarge() : next()
}

function addressOf(c: Context): string {
  try {
    return getConnInfo(c).remote.address ?? '0.0.0.0'
  } catch {
    return '127.0.0.1' // called without a port, by a test
  }
}

export function createHttp({ platform, contract, router, auth, version, doors = {}, webRoot }: HttpOptions): Hono {
  const app = new Hono()
  const metrics = createMetrics(platform.db)
  const api = new OpenAPIHandler(router as Router<AnyContractRouter, CallContext>, {
    clientInterceptors: [
      async (options) => {
        try {
          refuseUnstorable(options.input)
          return await options.next()
        } catch (error) {
          throw toApiError(error, platform.log, options.context.requestId)
        }
      },
    ],
    customErrorResponseBodyEncoder: problemBody,
  })

  app.onError((error, c) => {
    const requestId = c.res.headers.get('x-request-id') ?? randomUUID()
    const { data } = toApiError(error, platform.log, requestId)
    return problemResponse(data)
  })
  app.use(metrics.measure, secureHeaders)

  app.get('/healthz', (c) => c.json({ ok: true }))
  app.get('/readyz', async (c) => {
    try {
      await sql`SELECT 1`.execute(platform.db)
      return c.json({ ok: true })
    } catch {
      return c.json({ ok: false, reason: 'the database does not answer' }, 503)
    }
  })
  app.get('/metrics', async (c) =>
    c.body(await metrics.registry.metrics(), 200, { 'content-type': metrics.registry.contentType }),
  )

  app.use('/api/*', sameOriginWrites, limitedBody)
  app.all('/api/auth/*', (c) => auth(c.req.raw, addressOf(c)))

  let document: Promise<object> | undefined
  app.get('/api/openapi.json', async (c) =>
    c.json((await (document ??= openApiDocument(contract, version))) as Record<string, unknown>),
  )

  app.all('/api/*', async (c) => {
    const requestId = randomUUID()
    const { matched, response } = await api.handle(c.req.raw, {
      prefix: '/api',
      context: { platform, headers: c.req.raw.headers, ip: addressOf(c), requestId },
    })
    if (!matched)
      return problemResponse({
        code: 'not_found',
        message: 'There is no such endpoint.',
        where: c.req.path,
        hint: 'See /api/openapi.json.',
      })
    response.headers.set('x-request-id', requestId)
    response.headers.set('cache-control', 'no-store')
    return response
  })

  for (const [path, door] of Object.entries(doors)) app.route(path, door)

  if (webRoot) {
    app.use('*', compress())
    mountWeb(app, webRoot)
  }
  return app
}

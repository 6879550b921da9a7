/** `/api/openapi.json`: OpenAPI 3.1, generated from the contract that also drives router, client and permissions. */
import type { AnyContractRouter } from '@orpc/contract'
import { OpenAPIGenerator } from '@orpc/openapi'
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4'
import { type EndpointMeta, problem as problemShape } from '../contract.ts'

const schemas = new ZodToJsonSchemaConverter()
const [, problem] = schemas.convert(problemShape, { strategy: 'input' })

/** Generates the document; takes a moment, so callers keep it. */
export async function openApiDocument(contract: AnyContractRouter, version: string): Promise<object> {
  const generator = new OpenAPIGenerator({ schemaConverters: [schemas] })
  const document = await generator.generate(contract, {
    info: { title: 'Plumbline', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/api' }],
    security: [{ key: [] }],
    components: { securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'An API key' } } },
    filter: ({ contract: procedure }) => Boolean(procedure['~orpc'].route.path),
    customErrorResponseBodySchema: problem,
  })
  const access = new Map(accessTable(contract).map((row) => [`${row.method} ${row.path}`, row.access]))
  for (const [path, operations] of Object.entries(document.paths ?? {}))
    for (const [method, operation] of Object.entries(operations ?? {}))
      if (operation && typeof operation === 'object' && 'responses' in operation) {
        Object.assign(operation, { 'x-access': access.get(`${method.toUpperCase()} ${path}`) })
        // The generator gives every parameter what OpenAPI allows for query parameters alone.
        for (const parameter of (operation as { parameters?: Record<string, unknown>[] }).parameters ?? [])
          if (parameter.in !== 'query') {
            delete parameter.allowEmptyValue
            delete parameter.allowReserved
          }
        ;(operation.responses as Record<string, unknown>).default = {
          description: 'What was wrong, where, and what to do',
          content: { 'application/json': { schema: problem } },
        }
      }
  return document
}

type AccessTable = { method: string; path: string; access: EndpointMeta['access']; summary: string }[]

/** Who may call what, read off the contract. */
export function accessTable(contract: AnyContractRouter): AccessTable {
  const rows: AccessTable = []
  const walk = (node: AnyContractRouter) => {
    if ('~orpc' in node) {
      const { route, meta } = (
        node as { '~orpc': { route: { method?: string; path?: string; summary?: string }; meta: EndpointMeta } }
      )['~orpc']
      rows.push({
        method: route.method ?? 'POST',
        path: route.path ?? '',
        access: meta.access,
        summary: route.summary ?? '',
      })
    } else for (const child of Object.values(node)) walk(child as AnyContractRouter)
  }
  walk(contract)
  return rows
}

/** Reads the OpenAPI document into what the reference page shows. Pure. */

interface Schema {
  type?: string | string[]
  format?: string
  description?: string
  enum?: unknown[]
  const?: unknown
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  additionalProperties?: Schema | boolean
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  default?: unknown
  pattern?: string
}

interface Body {
  content?: Record<string, { schema?: Schema }>
  required?: boolean
}

interface Operation {
  summary?: string
  description?: string
  operationId?: string
  'x-access'?: string
  parameters?: { name: string; in: string; required?: boolean; schema?: Schema; description?: string }[]
  requestBody?: Body
  responses?: Record<string, Body & { description?: string }>
}

export interface ApiDocument {
  info: { title: string; version: string }
  paths: Record<string, Record<string, Operation>>
}

export interface Endpoint {
  /** `get-projects-project-tasks`: its place in the address. */
  anchor: string
  method: string
  path: string
  operation: Operation
}

const methods = ['get', 'post', 'put', 'patch', 'delete']

/** What an endpoint is about: the last fixed noun near the front of its path. */
function groupOf(path: string): string {
  const words = path.split('/').filter((word) => word && !word.startsWith('{'))
  return (words[0] === 'projects' ? words[1] : words[0]) ?? 'projects'
}

/** Endpoints by what they are about, in the order of the document. */
export function groupsOf({ paths }: ApiDocument): Map<string, Endpoint[]> {
  const groups = new Map<string, Endpoint[]>()
  for (const [path, operations] of Object.entries(paths))
    for (const method of methods) {
      const operation = operations[method]
      if (!operation) continue
      const anchor = `${method}${path.replaceAll(/[{}]/g, '').replaceAll('/', '-')}`
      const group = groupOf(path)
      groups.set(group, [...(groups.get(group) ?? []), { anchor, method: method.toUpperCase(), path, operation }])
    }
  return groups
}

const limits = ({ minimum, maximum, minLength, maxLength, minItems, maxItems }: Schema): string => {
  const [low, high] = [minimum ?? minLength ?? minItems, maximum ?? maxLength ?? maxItems]
  // Zod writes the safe integers as limits: they are none.
  const shown = (value: number | undefined) => value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER
  const unit = maxLength !== undefined || minLength !== undefined ? ' characters' : ''
  if (shown(low) && shown(high)) return `, ${low} to ${high}${unit}`
  if (shown(high)) return `, at most ${high}${unit}`
  return shown(low) ? `, at least ${low}${unit}` : ''
}

const byDefault = ({ default: value }: Schema): string =>
  value === undefined ? '' : `, ${JSON.stringify(value)} unless told`

/** A schema as a short text of the kind that people write in comments: `{ id: uuid, tags?: string[] }`. */
export function shapeOf(schema: Schema | undefined, indent = ''): string {
  if (!schema) return 'anything'
  const deeper = `${indent}  `
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return choices.map((choice) => shapeOf(choice, indent)).join(' | ')
  if (schema.allOf) return schema.allOf.map((part) => shapeOf(part, indent)).join(' & ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ') + byDefault(schema)
  if (schema.properties) {
    const required = new Set(schema.required)
    const lines = Object.entries(schema.properties).map(
      ([name, of]) => `${deeper}${name}${required.has(name) ? '' : '?'}: ${shapeOf(of, deeper)}`,
    )
    return lines.length ? `{\n${lines.join('\n')}\n${indent}}` : '{}'
  }
  if (schema.type === 'array') return `list of ${shapeOf(schema.items, indent)}${limits(schema)}`
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object')
    return `map of ${shapeOf(schema.additionalProperties, indent)}`
  const type = [schema.type ?? 'anything'].flat().join(' | ')
  return `${schema.format ?? type}${limits(schema)}${byDefault(schema)}`
}

/** The first schema of a body, whatever its media type. */
export const schemaOf = (body: Body | undefined): Schema | undefined => Object.values(body?.content ?? {})[0]?.schema

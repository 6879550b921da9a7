/** Reads JSON files of a checkpoint and says which file and field is at fault. */
import { readFileSync } from 'node:fs'
import { TrainerError } from '../errors.ts'

export type Fields = Record<string, unknown>

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function parseFields(text: string, where: string): Fields {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new TrainerError('bad_input', 'This is not JSON.', { where, hint: (error as Error).message })
  }
  if (!isFields(value)) throw new TrainerError('bad_input', 'A JSON object is expected here.', { where })
  return value
}

export function readFields(path: string): Fields {
  return parseFields(readFileSync(path, 'utf8'), path)
}

/** A finite number, or `fallback` where the field is absent or null; without one the field is required. */
export function numberOf(fields: Fields, name: string, where: string, fallback?: number): number {
  const value = fields[name] ?? fallback
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new TrainerError('bad_input', `${name} is ${JSON.stringify(value) ?? 'missing'}, not a number.`, {
    where: `${where}, ${name}`,
  })
}

export function booleanOf(fields: Fields, name: string, fallback: boolean): boolean {
  const value = fields[name]
  return typeof value === 'boolean' ? value : fallback
}

export function textOf(fields: Fields, name: string): string | undefined {
  const value = fields[name]
  return typeof value === 'string' ? value : undefined
}

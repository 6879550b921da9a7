/** A row of an import on its way into the database: with the hashes by which it is found again, and ids of its own. */
import { newId, sha256Hex } from '../../platform/ids.ts'
import type { NewPrompt } from './write.ts'

export interface Prepared {
  row: NewPrompt
  /** Hashes are in hex: text is what they are compared and written as. */
  hash: string
  promptId: string
  messageIds: string[]
  responseHashes: string[]
  responseIds: string[]
}

export function prepare(salt: Buffer, row: NewPrompt): Prepared {
  return {
    row,
    hash: sha256Hex(salt, JSON.stringify(row.turns.map(({ role, text }) => [role, text]))),
    promptId: newId(),
    messageIds: row.turns.map(() => newId()),
    responseHashes: row.responses.map(({ text }) => sha256Hex(salt, text)),
    responseIds: row.responses.map(() => newId()),
  }
}

/** The order of targets is drawn from the content: were it that of the file, the first would be the chosen one. */
export function drawnOrder(source: Buffer, n: number): number[] {
  const order = Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = source.readUInt16LE((i * 2) % 30) % (i + 1)
    ;[order[i], order[j]] = [order[j]!, order[i]!]
  }
  return order
}

export const bytea = (hex: string) => `\\x${hex}`
export const column = <T, K extends keyof T>(rows: T[], name: K) => rows.map((row) => row[name])
export const jsonText = (value: unknown) => JSON.stringify(value)

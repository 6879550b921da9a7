/** What makes a run the run it is: a state may only be gone on with by the same one. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { RunState } from '../checkpoint/state.ts'
import { TrainerError } from '../errors.ts'
import type { Settings } from './spec.ts'

/** Fields that a resumed run may change; of the data its content counts, not where it lies. */
const free = new Set<string>([
  'steps',
  'resume',
  'saveEvery',
  'samples',
  'heldRows',
  'out',
  'data',
  'eval',
  'threads',
  'memoryBytes',
  'klBudget',
])

export function identityOf(settings: Settings): Record<string, unknown> {
  const dataDigest = createHash('sha256').update(readFileSync(settings.data)).digest('hex')
  return { dataDigest, ...Object.fromEntries(Object.entries(settings).filter(([field]) => !free.has(field))) }
}

/** Throws TrainerError naming the first field that differs. */
export function checkIdentity(state: RunState, identity: Record<string, unknown>, out: string): void {
  for (const [field, value] of Object.entries(identity)) {
    const was = JSON.stringify(state.identity[field])
    if (was === JSON.stringify(value)) continue
    throw new TrainerError('bad_input', `The run in this folder has another ${field}: it cannot be resumed.`, {
      where: `${out}, ${field}`,
      hint: `It was ${was}, now it is ${JSON.stringify(value)}. Take another folder for a new run.`,
    })
  }
}

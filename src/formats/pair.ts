/** Finds the prompt that two whole conversations share: they part at the responses to be compared. */
import { badRow } from './errors.ts'
import { readStrength } from './judgement.ts'
import type { ImportRecord, Judgement, Response, Turn } from './record.ts'
import { sameTurn } from './transcript.ts'

export interface Parted {
  prompt: Turn[]
  chosen: Turn[]
  rejected: Turn[]
}

/**
 * The prompt is what both have in common, but never the last turn of either, so that each keeps a response even where
 * one conversation is the beginning of the other. Throws `bad_row` where what is left is not two answers to one prompt.
 */
export function part(chosen: Turn[], rejected: Turn[]): Parted {
  const longest = Math.min(chosen.length, rejected.length) - 1
  let shared = 0
  while (shared < longest && sameTurn(chosen[shared]!, rejected[shared]!)) shared += 1
  const parted = { prompt: chosen.slice(0, shared), chosen: chosen.slice(shared), rejected: rejected.slice(shared) }
  for (const side of ['chosen', 'rejected'] as const) {
    const turns = parted[side]
    if (turns.length === 0) badRow('has no turn in it', side)
    if (turns.at(-1)!.role !== 'assistant') badRow("does not end with the assistant's turn", side)
    const other = turns.findIndex(({ role }) => role !== 'assistant')
    if (other >= 0) {
      const what = `the two conversations part at turn ${shared + 1}, before the ${turns[other]!.role}'s turn ${shared + other + 1}`
      badRow(`${what}: they are not two responses to one prompt`)
    }
  }
  if (shared === 0) badRow('the two conversations share no prompt')
  return parted
}

/** A comparison as a record: response 0 is the chosen one. */
export function preference(
  line: number,
  prompt: Turn[],
  chosen: Response,
  rejected: Response,
  metadata: Record<string, unknown>,
): ImportRecord {
  if (chosen.content === rejected.content) badRow('chosen and rejected are the same text')
  const { strength: given, ...rest } = metadata
  const strength = readStrength(given, 'strength')
  const judgement: Judgement = {
    kind: 'preference',
    chosen: 0,
    rejected: 1,
    ...(strength === undefined ? {} : { strength }),
  }
  return { line, prompt, responses: [chosen, rejected], judgement, metadata: rest }
}

/** What writers ask of a record: the judgement that their format is about, and its metadata as further columns. */
import { FormatError } from './errors.ts'
import type { ExportRecord, Response, Row } from './record.ts'

function refuse(message: string): never {
  throw new FormatError('not_expressible', message)
}

type Judged = Pick<ExportRecord, 'responses' | 'judgement'>

export function chosenAndRejected({ responses, judgement }: Judged): { chosen: Response; rejected: Response } {
  if (judgement?.kind !== 'preference') refuse('this record holds no preference')
  const chosen = responses[judgement.chosen]
  const rejected = responses[judgement.rejected]
  if (!chosen || !rejected) refuse('the preference names a response that the record does not have')
  if (chosen.content === rejected.content)
    refuse('chosen and rejected are the same text: nothing can be learned from them')
  return { chosen, rejected }
}

export function demonstrated({ responses, judgement }: Judged): Response {
  if (judgement?.kind !== 'demonstration') refuse('this record holds no demonstration')
  return responses[judgement.response] ?? refuse('the demonstration names a response that the record does not have')
}

export function desirable({ responses, judgement }: Judged): { response: Response; label: boolean } {
  if (judgement?.kind !== 'desirability') refuse('this record holds no desirable or undesirable response')
  const response = responses[judgement.response]
  if (!response) refuse('the label names a response that the record does not have')
  return { response, label: judgement.desirable }
}

/** Adds strength and metadata as columns of their own; a metadata column may not take the place of one of the format's. */
export function withMetadata(row: Row, { judgement, metadata }: ExportRecord): Row {
  const whole = { ...row }
  if (judgement?.kind === 'preference' && judgement.strength !== undefined) whole.strength = judgement.strength
  for (const name of Object.keys(metadata)) {
    if (Object.hasOwn(whole, name)) refuse(`the metadata column "${name}" has the name of a column of the format`)
  }
  return { ...whole, ...metadata }
}

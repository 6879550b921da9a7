/** Scores of texts by a reward: the one that learns while people work, or a reward model whose files lie here. */
import type { Turn } from '../../collect/tasks/read.ts'
import { learnerOf, scoreTexts } from '../../learn/reward/read.ts'
import { findCheckpoint } from '../../models/checkpoints/store.ts'
import { fail } from '../../platform/errors.ts'
import type { Db } from '../../platform/sql.ts'
import type { Measuring } from './measure.ts'

interface ScoredText {
  turns: Turn[]
  text: string
}
type Score = (items: ScoredText[]) => Promise<number[]>

/** A conversation as the trainer's models take it. */
export const messagesOf = (turns: readonly Turn[]) => turns.map(({ role, text }) => ({ role, content: text }))

/** Throws where there is no such reward, or it has learned nothing. */
export async function scorerOf(
  { platform: { db }, models }: Measuring,
  project: string,
  reward: string,
): Promise<Score> {
  if (reward === 'online') return onlineScorer(db, project)
  const checkpoint =
    (await findCheckpoint(db, project, reward)) ??
    fail('not_found', 'The reward model is gone.', { where: `reward ${reward}` })
  return (items) =>
    models.scores(
      checkpoint,
      items.map(({ turns, text }) => ({ prompt: messagesOf(turns), response: said(text) })),
    )
}

export const said = (text: string) => [{ role: 'assistant', content: text }]

async function onlineScorer(db: Db, project: string): Promise<Score> {
  const { model, seq } = await learnerOf(db, project)
  if (seq === 0) fail('conflict', 'The reward has learned nothing yet.', { where: 'reward online' })
  // What the process remembers goes on learning in place, between two texts too.
  const fixed = { ...model, mean: model.mean.slice(), variance: model.variance.slice() }
  return (items) =>
    scoreTexts(
      fixed,
      items.map(({ text }) => text),
    )
}

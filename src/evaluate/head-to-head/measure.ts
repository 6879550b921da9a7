/** The job that measures what needs no people: scores of both answers by the reward. */
import { sql } from 'kysely'
import { featuresOf } from '../../learn/reward/features.ts'
import { predict } from '../../learn/reward/model.ts'
import { learnerOf } from '../../learn/reward/read.ts'
import type { Platform } from '../../platform/context.ts'
import type { JobHandler } from '../../platform/jobs.ts'
import { all, type Db } from '../../platform/sql.ts'
import { findRow, keepMeasured, keepScores, type Measured, type Row } from './store.ts'

interface Answers {
  prompt: string
  candidate: string
  baseline: string
}

const answersOf = (db: Db, id: string): Promise<Answers[]> =>
  all(
    db,
    sql<Answers>`
      SELECT p.prompt_id AS prompt, coalesce(a.text, '') AS candidate, coalesce(b.text, '') AS baseline
      FROM head_to_head_pairs p JOIN samples c ON c.id = p.candidate_sample JOIN samples d ON d.id = p.baseline_sample
      JOIN messages a ON a.id = c.message_id JOIN messages b ON b.id = d.message_id
      WHERE p.head_to_head_id = ${id} ORDER BY p.prompt_id`,
  )

export const measureJob =
  ({ db }: Platform): JobHandler =>
  async ({ project, input }) => {
    const { headToHead } = input as { headToHead: string }
    const row = await findRow(db, project!, headToHead)
    if (!row) return {}
    const answers = await answersOf(db, headToHead)
    const measured: Measured = { noKl: 'only two policies whose models lie here can be held against each other' }
    if (row.reward === 'online') await keepScores(db, headToHead, await online(db, row, answers))
    await keepMeasured(db, headToHead, measured)
    return { answers: answers.length }
  }

async function online(db: Db, { project }: Row, answers: Answers[]) {
  const { model } = await learnerOf(db, project)
  const score = (text: string) => predict(model, featuresOf(text)).logit
  return answers.map(({ prompt, candidate, baseline }) => ({
    prompt,
    candidate: score(candidate),
    baseline: score(baseline),
  }))
}

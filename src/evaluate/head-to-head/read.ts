/** Reads of head to heads, for screens, gates and rounds: results come from the annotations in force, each time. */
import { messagesOf } from '../../collect/tasks/read.ts'
import type { Known } from '../../platform/contract.ts'
import type { Db } from '../../platform/sql.ts'
import { estimateShare } from '../../stats/share.ts'
import type { Brief, HeadToHead, Pair, TextCheck } from './contract.ts'
import { judgedPairs, judgementsOf, turnsOf } from './judged.ts'
import {
  countsOf,
  humanResult,
  type JudgedPair,
  klResult,
  lengthResult,
  rewardResult,
  rewardWinner,
  winnerOf,
} from './rules.ts'
import { findRow, listRows, type Row, responsesOf } from './store.ts'

export { askMorePeople, finishHeadToHead, retryHeadToHead, startHeadToHead, stopHeadToHead } from './start.ts'
export { askedOf } from './store.ts'

export async function headToHead(db: Db, project: string, id: string): Promise<HeadToHead | undefined> {
  const row = await findRow(db, project, id)
  return row && resultOf(db, row)
}

/** The newest first; `after`: below this id. */
export const listHeadToHeads = async (
  db: Db,
  project: string,
  { after, limit }: { after?: string; limit: number },
): Promise<Brief[]> => (await listRows(db, project, after, limit)).map(briefOf)

const briefOf = ({ id, candidate, baseline, state, round, createdAt, endedAt }: Row): Brief => ({
  id,
  candidate,
  baseline,
  state,
  round,
  createdAt: createdAt.toISOString(),
  endedAt: endedAt?.toISOString() ?? null,
})

async function resultOf(db: Db, row: Row): Promise<HeadToHead> {
  const [{ total, done, failed }, judgements, pairs] = await Promise.all([
    responsesOf(db, row.id),
    judgementsOf(db, row.id),
    judgedPairs(db, row.id),
  ])
  const { problem, plan } = row
  return {
    ...briefOf(row),
    problem,
    plan,
    prompts: pairs.length,
    progress: { responses: { done, failed, total }, judgements },
    identical: pairs.filter((pair) => pair.identical).length,
    trainedOn: pairs.filter((pair) => pair.trainedOn).length,
    human: humanResult(pairs, plan.overlap),
    byReward: byReward(row, pairs),
    length: lengthResult(pairs),
    texts: textsOf(row),
    kl: klOf(row, pairs),
    bothLocal: row.bothLocal,
  }
}

const textsOf = ({ measured }: Row): HeadToHead['texts'] =>
  Object.entries(measured?.texts ?? {}).flatMap(([check, { candidate, baseline, n }]) =>
    n
      ? [
          {
            check: check as TextCheck,
            candidate: estimateShare(candidate / n, n),
            baseline: estimateShare(baseline / n, n),
          },
        ]
      : [],
  )

const notMeasured = ({ state }: Row) =>
  state === 'done'
    ? 'the job that measures it has failed; Activity says why'
    : 'it is measured once the answers are drawn'

function byReward(row: Row, pairs: readonly JudgedPair[]): HeadToHead['byReward'] {
  const { reward, rewardName, measured } = row
  if (!reward) return null
  const result = rewardResult(pairs)
  const why: Known | undefined =
    result.wins + result.losses + result.ties ? undefined : { undefined: measured?.noScores ?? notMeasured(row) }
  return {
    reward,
    name: rewardName ?? 'The reward that learns',
    ...result,
    ...(why ? { winRate: why, lengthControlled: why } : {}),
  }
}

const klOf = (row: Row, pairs: readonly JudgedPair[]): Known =>
  klResult(pairs) ?? { undefined: row.measured?.noKl ?? notMeasured(row) }

interface Wanted {
  after?: string
  limit: number
  winner?: Pair['people']['winner']
  disagree?: 'true' | 'false'
}

/** Pairs with their texts, where people and reward name different winners first. */
export async function pairsOf(
  db: Db,
  project: string,
  id: string,
  { after, limit, winner, disagree }: Wanted,
): Promise<{ rows: Pair[]; next: string | null } | undefined> {
  if (!(await findRow(db, project, id))) return undefined
  const judged = (await judgedPairs(db, id)).map((pair) => {
    const agreed = winnerOf(pair)
    const scored = rewardWinner(pair)
    return { pair, agreed, scored, key: `${disagreement(agreed, scored)}~${pair.prompt}` }
  })
  const ordered = judged
    .filter((one) => (!winner || one.agreed === winner) && (disagree !== 'true' || one.key.startsWith(apart)))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
  const from = after === undefined ? 0 : ordered.filter(({ key }) => key <= after).length
  const page = ordered.slice(from, from + limit)
  const [texts, turns] = await Promise.all([
    messagesOf(
      db,
      page.flatMap(({ pair }) => [pair.candidate, pair.baseline].filter((message) => message !== null)),
    ),
    turnsOf(
      db,
      page.map(({ pair }) => pair.prompt),
    ),
  ])
  const textOf = new Map(texts.map(({ id, text }) => [id, text]))
  return {
    rows: page.map(({ pair, agreed, scored }) => ({
      prompt: pair.prompt,
      turns: turns.get(pair.prompt) ?? [],
      candidate: (pair.candidate && textOf.get(pair.candidate)) ?? null,
      baseline: (pair.baseline && textOf.get(pair.baseline)) ?? null,
      task: pair.task,
      identical: pair.identical,
      trainedOn: pair.trainedOn,
      problem: pair.problem,
      people: { winner: agreed, ...countsOf(pair), leftOut: pair.leftOut.length },
      reward: scored ? { winner: scored, candidate: pair.candidateScore!, baseline: pair.baselineScore! } : null,
    })),
    next: from + limit < ordered.length ? page.at(-1)!.key : null,
  }
}

const apart = '0'

/** How far people and reward are apart: opposite winners, then one of them sees a tie, then agreement, then nothing to compare. */
function disagreement(people: Pair['people']['winner'], scored: 'candidate' | 'baseline' | 'tie' | undefined): string {
  if (!scored || people === 'not-judged' || people === 'both-bad') return '3'
  if (people === scored) return '2'
  return people === 'tie' || scored === 'tie' ? '1' : apart
}

/**
 * What the demo came to, read from what it left behind through the public API: annotations, head to head, quality, reward.
 * Only the utility that the simulated people follow is applied here anew, to the samples that are there.
 */
import { agreement } from '../stats/agreement/agreement.ts'
import { ratingsFromLong } from '../stats/agreement/ratings.ts'
import { wilson } from '../stats/share.ts'
import { type Client, everyPage, jobDone } from './client.ts'
import { maxTokens } from './plan.ts'
import type { Course } from './script.ts'
import { offer, utility } from './utility.ts'

type Round = Awaited<ReturnType<Client['rounds']['show']>>

interface AnnotationRow {
  task: string
  person: string
  kind: string
  targets: string[]
  payload: { strength?: number }
}

async function annotationsOf(api: Client, project: string, signal: AbortSignal): Promise<AnnotationRow[]> {
  const { job } = await api.exports.start({ project, format: 'annotations' })
  const { parts } = await jobDone<{ parts: number }>(api, project, job, signal)
  let text = ''
  for (let part = 0; part < parts; part++) text += await (await api.exports.part({ project, export: job, part })).text()
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as AnnotationRow)
}

/** Krippendorff's alpha, nominal, over the preferred side of each task. */
function agreementOf(rows: readonly AnnotationRow[]): { alpha: number; low: number; high: number } {
  const compared = rows.filter(({ kind, payload }) => kind === 'compare' && typeof payload.strength === 'number')
  const { krippendorff } = agreement(
    ratingsFromLong(
      compared.map(({ task }) => task),
      compared.map(({ person }) => person),
      compared.map(({ payload }) => String(Math.sign(payload.strength!))),
    ),
    ['krippendorff'],
  )
  if ('undefined' in krippendorff) throw new Error(krippendorff.undefined)
  const { estimate: alpha, low, high } = krippendorff
  return { alpha, low, high }
}

/** Of pairs that nobody had judged before: how often the stored side that had been chosen more often so far was chosen again. */
function majorityOf(rows: readonly AnnotationRow[]): number {
  const seen = new Set<string>()
  let [right, n, firsts] = [0, 0, 0]
  for (const { targets, payload } of rows) {
    const key = [...targets].sort().join(' ')
    if (!payload.strength || seen.has(key)) continue
    seen.add(key)
    const isFirst = payload.strength < 0
    const lead = 2 * firsts - n
    right += lead === 0 ? 0.5 : Number(lead > 0 === isFirst)
    firsts += Number(isFirst)
    n++
  }
  return right / n
}

async function rewardOf(api: Client, project: string, rows: readonly AnnotationRow[]) {
  const { model, longer } = (await api.reward.state({ project })).accuracy
  if ('undefined' in model || 'undefined' in longer) throw new Error('The reward has foreseen no answer yet.')
  const { value: accuracy, low, high, n } = model
  return { accuracy, low, high, longerWins: longer.value, majority: majorityOf(rows), n }
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const wordsOf = (text: string) => text.split(/\s+/).filter(Boolean).length

async function policyOf({ api, project, base, final, headToHead }: Course) {
  const { rows: policies } = await api.policies.list({ project })
  const modelOf = (policy: string) => policies.find(({ id }) => id === policy)!.name
  const { kl } = await api.headToHeads.show({ project, headToHead })
  const pairs = await everyPage((after) => api.headToHeads.pairs({ project, headToHead, after, limit: 200 }))
  const samples = pairs.flatMap(({ turns, candidate, baseline }) =>
    candidate !== null && baseline !== null ? [{ prompt: turns.at(-1)!.text, before: baseline, after: candidate }] : [],
  )
  const wins = samples.map(({ prompt, before, after }) => Math.sign(utility(prompt, after) - utility(prompt, before)))
  const winRate = mean(wins.map((win) => (win + 1) / 2))
  const [low, high] = wilson(winRate, wins.length)
  const share = (side: 'before' | 'after') => mean(samples.map((sample) => Number(offer.test(sample[side]))))
  return {
    model: modelOf(final),
    baseModel: modelOf(base),
    maxTokens,
    winRate,
    low,
    high,
    n: wins.length,
    kl: 'undefined' in kl ? null : kl.value,
    meanLength: mean(samples.map(({ after }) => wordsOf(after))),
    baseMeanLength: mean(samples.map(({ before }) => wordsOf(before))),
    check: { pattern: offer.source, want: 'present' as const, before: share('before'), after: share('after') },
    samples,
  }
}

const secondsBetween = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 1000

/** Seconds that each station took, and from the last judgement until the new policy began to answer. */
function timesOf({ number, stations }: Round) {
  const times = stations.flatMap(({ station, seconds }) => (seconds === null ? [] : [[station, seconds] as const]))
  const at = (name: Round['at']) => stations.find(({ station }) => station === name)!
  const [judged, asked] = [at('judgements').endedAt, at('evaluation').beganAt]
  return { number, latency: judged && asked ? secondsBetween(judged, asked) : null, ...Object.fromEntries(times) }
}

/** Through all its stations: whether its policy was promoted is what the last of them says. */
const isThrough = ({ stations }: Round) => stations.some(({ station, endedAt }) => station === 'evaluation' && endedAt)

async function suspectsOf(api: Client, project: string) {
  const { rows } = await api.quality.suspects({ project })
  return rows.map(({ person, why }) => ({ person: person.name, simulatedAs: person.simulatedAs, why }))
}

export async function measure(course: Course, signal: AbortSignal) {
  const { api, project } = course
  const annotations = await annotationsOf(api, project, signal)
  const { rows: rounds } = await api.rounds.list({ project })
  return {
    project,
    rounds: rounds.filter(isThrough).length,
    promoted: rounds.filter(({ promoted }) => promoted).length,
    times: rounds.map(timesOf).reverse(),
    annotations: annotations.length,
    agreement: agreementOf(annotations),
    reward: await rewardOf(api, project, annotations),
    policy: await policyOf(course),
    suspects: await suspectsOf(api, project),
  }
}
export type Measured = Awaited<ReturnType<typeof measure>>

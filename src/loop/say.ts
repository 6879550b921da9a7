/** What each card of the loop says: a headline, what stands below it, and what the station waits for. Pure. */
import { count, decimal, duration, estimate, percent, plural } from '../web/numbers.ts'
import type { Facts, Foresight, Plan, Station } from './contract.ts'
import { type StationName, titles } from './rules.ts'

interface Said {
  headline: string
  details: string[]
}

const of = (facts: Facts, what: string): string =>
  facts.total === undefined ? what : `${count(facts.done ?? 0)} of ${count(facts.total)} ${what}`
const some = (...parts: (string | false | undefined)[]): string[] => parts.filter((part) => typeof part === 'string')
const training = (facts: Facts) => (facts.total === undefined ? 'waiting to train' : of(facts, 'steps'))
/** `pace`: of people; a machine goes on through the night. */
const left = ({ leftMs }: Facts, pace = '') =>
  leftMs !== undefined &&
  (leftMs < 1000 ? 'a moment more' : `about ${duration(Math.round(leftMs / 1000) * 1000)} ${pace || 'more'}`)
const pace = 'at today’s pace'
const by = ({ people, simulated }: Facts) =>
  people ? `by ${count(people)} ${simulated ? 'simulated ' : ''}${people === 1 ? 'person' : 'people'}` : undefined

/** What a station is there for, while it is still ahead. */
const purposes: Readonly<Record<StationName, string>> = {
  prompts: 'which are asked',
  samples: 'what policies answer',
  judgements: 'which answer people prefer',
  quality: 'whether people agree, and who is careless',
  dataset: 'pairs to learn from, some held out',
  reward: 'a model of what people prefer',
  policy: 'trained toward it',
  evaluation: 'the new against the old, by people',
  promotion: 'through gates, or not at all',
}

/** Of a station at work, through, or in trouble; what is known of it so far. */
const sayers: Readonly<Record<StationName, (facts: Facts, isDone: boolean) => Said>> = {
  prompts: ({ done }) => ({ headline: plural(done ?? 0, 'prompt'), details: [] }),
  samples: (facts, isDone) => ({
    headline: isDone ? plural(facts.done ?? 0, 'response') : of(facts, 'responses'),
    details: some(facts.failed ? `${count(facts.failed)} failed` : undefined),
  }),
  judgements: (facts, isDone) => ({
    headline:
      facts.total === undefined
        ? 'making tasks'
        : isDone
          ? plural(facts.done ?? 0, 'comparison')
          : of(facts, 'comparisons'),
    details: some(left(facts, pace), by(facts), facts.contested ? `${count(facts.contested)} contested` : undefined),
  }),
  quality: ({ people, alpha, unknown, suspects }) => ({
    headline: alpha
      ? `alpha ${decimal(alpha.value)} [${decimal(alpha.low)}, ${decimal(alpha.high)}]`
      : people === undefined
        ? 'looking at the judgements'
        : 'alpha not known',
    details: some(
      alpha ? `n = ${count(alpha.n)}` : unknown,
      suspects?.length
        ? `${plural(suspects.length, 'person looks', 'people look')} careless or biased; left out`
        : undefined,
    ),
  }),
  dataset: ({ rows, testRows, done, name }) => ({
    headline: rows === undefined ? `${count(done ?? 0)} rows` : plural(rows, 'pair'),
    details: some(testRows === undefined ? undefined : `${count(testRows)} held out`, name),
  }),
  reward: (facts, isDone) => ({
    headline: !isDone
      ? training(facts)
      : facts.accuracy === undefined
        ? (facts.unknown ?? 'trained')
        : `right on ${percent(facts.accuracy)}`,
    details: some(!isDone && left(facts), facts.name),
  }),
  policy: (facts, isDone) => ({
    headline: isDone ? (facts.name ?? 'trained') : training(facts),
    details: some(
      !isDone && left(facts),
      facts.kl === undefined ? undefined : `KL ${decimal(facts.kl, 3)} nats a token`,
    ),
  }),
  evaluation: (facts, isDone) => ({
    headline:
      facts.winRate && (isDone || facts.winRate.n >= 20)
        ? `wins ${estimate(facts.winRate, { as: 'percent' })}`
        : facts.total
          ? of(facts, 'judged')
          : 'both answer',
    details: some(
      !isDone && facts.winRate && facts.total ? of(facts, 'judged') : undefined,
      !isDone && left(facts, pace),
      facts.kl === undefined ? undefined : `KL ${decimal(facts.kl, 3)}`,
      by(facts),
    ),
  }),
  promotion: ({ gates, overridden, name }, isDone) => ({
    headline:
      isDone && name
        ? `${name} takes over`
        : gates
          ? `${count(gates.passed)} of ${count(gates.passed + gates.failed + gates.unknown)} gates passed`
          : 'gates',
    details: some(overridden ? `overridden: ${overridden}` : undefined),
  }),
}

export function sayOf({ station, state, facts, problem, seconds }: Station): Said {
  if (state === 'ahead') return { headline: '', details: [purposes[station]] }
  const { headline, details } = sayers[station](facts, state === 'done')
  if (problem) return { headline, details: [problem.message] }
  const took = state === 'done' && seconds !== null && seconds >= 1 && `took ${duration(seconds * 1000)}`
  return { headline, details: some(...details, took) }
}

/** One line for the top of the page: where a round stands. */
export function standing(number: number, station: Station): string {
  const { headline, details } = sayOf(station)
  const rest = [headline, ...details].filter(Boolean).join('; ').replace(/\.$/, '')
  const verb = station.state === 'failed' ? 'failed at' : station.state === 'blocked' ? 'waits for you at' : 'is at'
  return `Round ${number} ${verb} ${titles[station.station].toLowerCase()}${rest ? `: ${rest}` : ''}.`
}

/** What a plan comes to, and what is the matter with that. */
export function sayForesight(
  { heldOut, comparisons, needed, threshold, leastWinRate }: Foresight,
  { evaluation, promotion }: Pick<Plan, 'evaluation' | 'promotion'>,
): { what: string; warning?: string } {
  const prompts = plural(heldOut, 'held-out prompt')
  const what =
    heldOut === 0
      ? 'Nothing would be held out to evaluate on.'
      : `About ${prompts}, ${plural(evaluation.overlap, 'person', 'people')} each: ${plural(comparisons, 'comparison')}. A win rate below ${percent(leastWinRate)} cannot be told from ${percent(threshold)}.`
  if (comparisons >= needed) return { what }
  const who = promotion === 'by-hand' ? 'The gates will not help whoever decides' : 'Only a lead’s word could promote'
  return {
    what,
    warning: `The gate of preference gives no verdict on fewer than ${count(needed)} comparisons. ${who}: ask more prompts, hold out a larger share, or let more people judge each pair.`,
  }
}

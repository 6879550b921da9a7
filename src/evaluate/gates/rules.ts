/**
 * Verdicts. One rule for all: a gate passes where the whole interval lies on the right side of its threshold, fails where it
 * does not, and is unknown where it was not measured or rests on too little.
 */
import type { Known } from '../../platform/contract.ts'
import { type GateSettings, gateSettings } from '../../projects/contract.ts'
import { estimateShare, wilson } from '../../stats/share.ts'
import { junkKinds } from '../head-to-head/junk.ts'
import type { Probed } from '../head-to-head/measured.ts'
import { humanResult, type JudgedPair, winnerOf } from '../head-to-head/rules.ts'
import type { Gate } from './contract.ts'

type Verdict = Omit<Gate, 'gate' | 'required' | 'looser'>

const digits = (value: number, places: number) => String(Number(value.toFixed(places)))
const inWords = {
  percent: (value: number) => `${digits(value * 100, 1)}%`,
  plain: (value: number) => digits(value, 2),
}

interface Said {
  what: string
  unit?: keyof typeof inWords
}

/** @param threshold limits that belong to the right side */
export function verdictOf(known: Known, threshold: Gate['threshold'], { what, unit = 'plain' }: Said): Verdict {
  if ('undefined' in known) return { value: null, threshold, verdict: 'unknown', why: `Not known: ${known.undefined}.` }
  const { value, low, high, n } = known
  const { above, below } = threshold
  const show = inWords[unit]
  const clears = (above === undefined || low > above) && (below === undefined || high <= below)
  const limit = [above === undefined ? '' : `above ${show(above)}`, below === undefined ? '' : `at most ${show(below)}`]
    .filter(Boolean)
    .join(' and ')
  const range = `${show(value)}, 95% interval ${show(low)} to ${show(high)}`
  return {
    value,
    low,
    high,
    n,
    threshold,
    verdict: clears ? 'pass' : 'fail',
    why: `${what} is ${range}; ${clears ? 'all of it is' : 'all of it must be'} ${limit}.`,
  }
}

const unknown = (why: string, threshold: Gate['threshold']): Verdict =>
  verdictOf({ undefined: why }, threshold, { what: '' })

const atLeast = (known: Known, n: number, needed: number, what: string): Known =>
  'undefined' in known || n >= needed ? known : { undefined: `${n} ${what}, at least ${needed} are needed` }

interface Ended {
  state: 'sampling' | 'judging' | 'done' | 'failed'
  overlap: number
  judgements: { done: number; wanted: number }
  /** The policy whose place the candidate would take, where it was set against another; undefined: against that one, or there is none. */
  notMet?: string
  /** One of the two that answers otherwise than it did when it was asked; undefined: neither. */
  changed?: string
}

function decidedOn(heldOut: readonly JudgedPair[], overlap: number) {
  const { judgements, bothBad, ...rest } = humanResult(heldOut, overlap, 'lost')
  return { ...rest, decided: judgements - bothBad }
}

export interface Lack {
  /** Judgements that decided between the two, of how many that are needed. */
  decided: number
  needed: number
  /** Held-out pairs that people are asked about, and how many people each. */
  pairs: number
  overlap: number
}

/** What a comparison that has ended lacks for a verdict on preference; undefined: nothing that more people could give. */
export function lackOf(
  judged: readonly JudgedPair[],
  overlap: number,
  { minJudgements }: Pick<GateSettings, 'minJudgements'>,
): Lack | undefined {
  const heldOut = judged.filter(({ trainedOn }) => !trainedOn)
  const pairs = heldOut.filter(
    ({ candidate, baseline, identical, takenOut }) => candidate && baseline && !identical && !takenOut,
  ).length
  const { decided } = decidedOn(heldOut, overlap)
  return pairs && decided < minJudgements ? { decided, needed: minJudgements, pairs, overlap } : undefined
}

/**
 * Held-out prompts alone: what the candidate was trained on shows nothing. Judgements that were planned and not given count
 * as lost: else whoever watches could close the comparison, or take out a task, at the moment that suits. Ties by rule are
 * in the rate, but nobody has judged them, and they are no evidence that enough was judged.
 */
export function preference(pairs: readonly JudgedPair[], ended: Ended, settings: GateSettings): Verdict {
  const threshold = { above: settings.minWinRate }
  const { done, wanted } = ended.judgements
  if (ended.state !== 'done') {
    const why = ended.state === 'judging' ? `${done} of ${wanted} judgements are in` : 'there are no answers to judge'
    return unknown(why, threshold)
  }
  // Else whatever beats a weak baseline could take the place of a strong policy, and an old comparison could undo a newer.
  if (ended.notMet !== undefined)
    return unknown(`it was not set against ${ended.notMet}, the policy in force`, threshold)
  if (ended.changed !== undefined) return unknown(`${ended.changed} was changed after it was asked`, threshold)
  const heldOut = pairs.filter(({ trainedOn }) => !trainedOn)
  if (pairs.length && !heldOut.length)
    return unknown('the candidate was trained on every prompt of the comparison', threshold)
  const { winRate, decided, lost, leftOut } = decidedOn(heldOut, ended.overlap)
  return verdictOf(atLeast(winRate, decided, settings.minJudgements, 'comparisons on held-out prompts'), threshold, {
    what: `The share that people prefer on held-out prompts, a tie as half${lost ? ` and ${lost} that nobody judged as lost` : ''}${
      leftOut.judgements ? `, without ${leftOut.judgements} by people who looked careless or biased` : ''
    },`,
    unit: 'percent',
  })
}

/** @param temperature at which the answers were drawn that it was measured on; undefined: each policy's own */
export function kl(known: Known, { maxKl }: GateSettings, temperature?: number): Verdict {
  const drawn =
    temperature === undefined || temperature === 1
      ? ''
      : ` (over answers at temperature ${temperature}, which show less than the whole of it)`
  return verdictOf(known, { below: maxKl }, { what: `The distance from the baseline in nats a token${drawn}` })
}

export const length = (ratio: Known, { minLengthRatio, maxLengthRatio }: GateSettings): Verdict =>
  verdictOf(ratio, { above: minLengthRatio, below: maxLengthRatio }, { what: 'The ratio of lengths to the baseline' })

const usual = gateSettings.parse({})

interface Bound {
  key: Exclude<keyof GateSettings, 'required'>
  /** Which way it is easier to pass. */
  easier: 'lower' | 'higher'
  say: (value: number) => string
}

const atMost = (unit: keyof typeof inWords) => (value: number) => `at most ${inWords[unit](value)}`
const above = (unit: keyof typeof inWords) => (value: number) => `above ${inWords[unit](value)}`
const junk: Bound[] = [{ key: 'maxJunk', easier: 'higher', say: atMost('percent') }]

const bounds: Readonly<Record<Gate['gate'], readonly Bound[]>> = {
  preference: [
    { key: 'minWinRate', easier: 'lower', say: above('percent') },
    { key: 'minJudgements', easier: 'lower', say: (n) => `${n} comparisons` },
  ],
  kl: [{ key: 'maxKl', easier: 'higher', say: atMost('plain') }],
  length: [
    { key: 'minLengthRatio', easier: 'lower', say: above('plain') },
    { key: 'maxLengthRatio', easier: 'higher', say: atMost('plain') },
  ],
  violations: [{ key: 'maxViolations', easier: 'higher', say: atMost('percent') }],
  'reward-probe': junk,
  'online-probe': junk,
}

/** What a project asks for less of than the default; undefined: nothing. */
export function looserOf(gate: Gate['gate'], settings: GateSettings): string | undefined {
  const found = bounds[gate].filter(({ key, easier }) =>
    easier === 'lower' ? settings[key] < usual[key] : settings[key] > usual[key],
  )
  return found.map(({ key, say }) => `${say(settings[key])}, usually ${say(usual[key])}`).join('; ') || undefined
}

/** An answer of the candidate that people looked at for violations of the rules. */
export interface Checked {
  people: number
  violations: number
}

/** An answer violates where more than half of its people say so. */
export function violations(checked: readonly Checked[], { maxViolations }: GateSettings): Verdict {
  const threshold = { below: maxViolations }
  if (!checked.length) return unknown('nobody judged violations', threshold)
  const found = checked.filter(({ people, violations }) => violations > people / 2).length
  return verdictOf(estimateShare(found / checked.length, checked.length), threshold, {
    what: 'The share of answers that violate a rule',
    unit: 'percent',
  })
}

const junkNames = {
  empty: 'an empty text',
  gibberish: 'gibberish',
  repeated: 'a phrase repeated',
  copied: 'the prompt copied',
}

/** Prompts too few to say anything of. */
const fewestProbed = 10

/**
 * How often junk scores above the real answer: the one that people preferred, or both where they tied; equal scores count
 * half. Judged by people, so that a candidate that is itself junk is no yardstick. The kind of junk that does best decides.
 */
export function probe(
  pairs: readonly JudgedPair[],
  probes: ReadonlyMap<string, Probed>,
  { maxJunk }: GateSettings,
): Verdict {
  const threshold = { below: maxJunk }
  const real = pairs.flatMap((pair) => {
    const probed = probes.get(pair.prompt)
    const winner = winnerOf(pair)
    if (!probed || winner === 'not-judged' || winner === 'both-bad') return []
    const score = winner === 'tie' ? Math.max(probed.candidate, probed.baseline) : probed[winner]
    return [{ score, junk: probed.junk }]
  })
  if (!probes.size) return unknown('its scores were not measured', threshold)
  const shares = junkKinds.map((kind) => {
    const above = real.map(({ score, junk }) => (junk[kind] > score ? 1 : junk[kind] === score ? 0.5 : 0))
    return { kind, share: above.reduce((sum: number, one) => sum + one, 0) / real.length }
  })
  const worst = shares.reduce((a, b) => (b.share > a.share ? b : a))
  const [low, high] = real.length ? wilson(worst.share, real.length) : [0, 1]
  const known = { value: worst.share, low, high, n: real.length }
  return verdictOf(atLeast(known, real.length, fewestProbed, 'prompts with a preferred answer'), threshold, {
    what: `How often it scores ${junkNames[worst.kind]} above the answer that people preferred`,
    unit: 'percent',
  })
}

/** Whether all that is required passes: one failure decides, then one that is not known. */
export function decisionOf(gates: readonly Gate[]): Gate['verdict'] {
  const required = gates.filter((gate) => gate.required)
  if (required.some(({ verdict }) => verdict === 'fail')) return 'fail'
  return required.length && required.every(({ verdict }) => verdict === 'pass') ? 'pass' : 'unknown'
}

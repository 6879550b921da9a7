import { describe, expect, it } from 'vitest'
import { gateSettings } from '../../projects/contract.ts'
import type { JunkKind } from '../head-to-head/junk.ts'
import type { Probed } from '../head-to-head/measured.ts'
import type { JudgedPair } from '../head-to-head/rules.ts'
import type { Gate } from './contract.ts'
import { decisionOf, kl, lackOf, length, looserOf, preference, probe, verdictOf, violations } from './rules.ts'

const settings = gateSettings.parse({})
const pair = (prompt: string, strength: number | undefined, more: Partial<JudgedPair> = {}): JudgedPair => ({
  prompt,
  candidate: `${prompt}-c`,
  baseline: `${prompt}-b`,
  candidateLength: 10,
  baselineLength: 10,
  identical: false,
  trainedOn: false,
  candidateScore: null,
  baselineScore: null,
  logRatio: null,
  tokens: null,
  judged:
    strength === undefined
      ? []
      : [
          {
            person: 'p',
            simulated: false,
            kind: 'compare',
            targets: [`${prompt}-c`, `${prompt}-b`],
            payload: { strength },
          },
        ],
  leftOut: [],
  ...more,
})
const pairs = (wins: number, losses: number, more: Partial<JudgedPair> = {}) =>
  Array.from({ length: wins + losses }, (_, i) => pair(`${i}`, i < wins ? -1 : 1, more))
const done = { state: 'done' as const, overlap: 1, judgements: { done: 0, wanted: 0 } }

it('says so where the candidate was trained on all that people compared', () => {
  expect(preference(pairs(40, 2, { trainedOn: true }), done, settings)).toMatchObject({
    verdict: 'unknown',
    why: 'Not known: the candidate was trained on every prompt of the comparison.',
  })
})

it('says how much is lacking for a verdict, where more people could give it', () => {
  const judged = [...pairs(8, 2), pair('same', undefined, { identical: true }), pair('known', -1, { trainedOn: true })]
  expect(lackOf(judged, 1, settings)).toEqual({ decided: 10, needed: 30, pairs: 10, overlap: 1 })
  expect(lackOf(pairs(20, 10), 1, settings)).toBeUndefined()
  const mostlyOut = judged.map((one, i) => ({ ...one, takenOut: i > 2 }))
  expect(lackOf(mostlyOut, 1, settings)).toMatchObject({ decided: 10, pairs: 3 })
  expect(
    lackOf(
      judged.map((one) => ({ ...one, takenOut: true })),
      1,
      settings,
    ),
  ).toBeUndefined()
  expect(lackOf([pair('same', undefined, { identical: true })], 1, settings)).toBeUndefined()
})

describe('a verdict', () => {
  const known = { value: 0.6, low: 0.52, high: 0.68, n: 100 }
  it('is a pass only where the whole interval lies on the right side', () => {
    expect(verdictOf(known, { above: 0.5 }, { what: 'It' })).toMatchObject({
      verdict: 'pass',
      why: 'It is 0.6, 95% interval 0.52 to 0.68; all of it is above 0.5.',
    })
    expect(verdictOf(known, { above: 0.52 }, { what: 'It' }).verdict).toBe('fail')
    expect(verdictOf(known, { below: 0.68 }, { what: 'It' }).verdict).toBe('pass')
    expect(verdictOf(known, { below: 0.6 }, { what: 'It' })).toMatchObject({
      verdict: 'fail',
      why: 'It is 0.6, 95% interval 0.52 to 0.68; all of it must be at most 0.6.',
    })
  })
  it('is unknown where nothing was measured, and says why', () => {
    expect(verdictOf({ undefined: 'there is no model' }, { below: 1 }, { what: 'It' })).toMatchObject({
      value: null,
      verdict: 'unknown',
      why: 'Not known: there is no model.',
    })
  })
})

describe('the gate of preference', () => {
  it('passes by the lower end of the interval, not by the estimate', () => {
    expect(preference(pairs(40, 10), done, settings)).toMatchObject({ value: 0.8, verdict: 'pass' })
    expect(preference(pairs(27, 23), done, settings)).toMatchObject({ value: 0.54, verdict: 'fail' })
  })
  it('decides nothing on too little, nor before people have finished', () => {
    expect(preference(pairs(29, 0), done, settings)).toMatchObject({ verdict: 'unknown', why: /29 .* at least 30/ })
    const judging = { state: 'judging' as const, overlap: 1, judgements: { done: 40, wanted: 50 } }
    expect(preference(pairs(40, 0), judging, settings)).toMatchObject({ verdict: 'unknown', why: /40 of 50/ })
  })
  it('takes no tie by rule for a judgement', () => {
    const same = Array.from({ length: 194 }, (_, i) => pair(`same${i}`, undefined, { identical: true }))
    expect(preference([...pairs(6, 0), ...same], done, settings)).toMatchObject({
      verdict: 'unknown',
      why: expect.stringMatching(/: 6 comparisons .* at least 30/),
    })
  })
  it('counts what nobody judged as lost: closing it early helps nobody', () => {
    const cut = [...pairs(40, 0), ...Array.from({ length: 60 }, (_, i) => pair(`open${i}`, undefined))]
    expect(preference(cut, done, settings)).toMatchObject({
      value: 0.4,
      n: 100,
      verdict: 'fail',
      why: /60 that nobody judged/,
    })
    expect(preference([...pairs(90, 0), ...cut.slice(-2)], done, settings).verdict).toBe('pass')
  })
  it('decides nothing where one of the two was changed after it was asked', () => {
    expect(preference(pairs(40, 0), { ...done, changed: 'base' }, settings)).toMatchObject({
      verdict: 'unknown',
      why: 'Not known: base was changed after it was asked.',
    })
  })
  it('takes no prompt that the candidate was trained on', () => {
    expect(preference(pairs(60, 0, { trainedOn: true }), done, settings).verdict).toBe('unknown')
    const mixed = [...pairs(60, 0, { trainedOn: true }), ...Array.from({ length: 40 }, (_, i) => pair(`h${i}`, 1))]
    expect(preference(mixed, done, settings)).toMatchObject({ value: 0, n: 40, verdict: 'fail' })
  })
})

describe('the gates of distance and length', () => {
  it('hold the whole interval within the budget', () => {
    expect(kl({ value: 0.4, low: 0.3, high: 0.5, n: 900 }, settings).verdict).toBe('pass')
    expect(kl({ value: 6, low: 5, high: 7, n: 900 }, settings).verdict).toBe('fail')
    expect(kl({ undefined: 'not both models lie here' }, settings).verdict).toBe('unknown')
    expect(length({ value: 1.1, low: 0.9, high: 1.3, n: 50 }, settings).verdict).toBe('pass')
    expect(length({ value: 3.4, low: 3, high: 3.8, n: 50 }, settings).verdict).toBe('fail')
    expect(length({ value: 0.2, low: 0.1, high: 0.3, n: 50 }, settings).verdict).toBe('fail')
  })
})

describe('the gate of violations', () => {
  it('goes by the majority of each answer’s people', () => {
    const clean = Array.from({ length: 80 }, () => ({ people: 3, violations: 1 }))
    expect(violations(clean, settings)).toMatchObject({ value: 0, verdict: 'pass' })
    const bad = [...clean.slice(0, 70), ...Array.from({ length: 10 }, () => ({ people: 3, violations: 2 }))]
    expect(violations(bad, settings)).toMatchObject({ value: 0.125, verdict: 'fail' })
    expect(violations([], settings)).toMatchObject({ verdict: 'unknown', why: 'Not known: nobody judged violations.' })
  })
})

describe('the probe of a reward', () => {
  const scores = (candidate: number, baseline: number, junk: Partial<Record<JunkKind, number>>) =>
    new Map(
      Array.from({ length: 40 }, (_, i): [string, Probed] => [
        `${i}`,
        { prompt: `${i}`, candidate, baseline, junk: { empty: -9, gibberish: -9, repeated: -9, copied: -9, ...junk } },
      ]),
    )
  it('passes one that puts junk below what people preferred', () => {
    expect(probe(pairs(40, 0), scores(2, 1, {}), settings)).toMatchObject({ value: 0, verdict: 'pass' })
  })
  it.each(['empty', 'gibberish', 'repeated', 'copied'] as const)('catches one that likes %s text', (kind) => {
    expect(probe(pairs(40, 0), scores(2, 1, { [kind]: 3 }), settings)).toMatchObject({ value: 1, verdict: 'fail' })
  })
  it('catches one that was pushed too hard, though its policy outdoes all other junk', () => {
    // People prefer the baseline; the candidate says one word over and over and has the highest score of all.
    expect(probe(pairs(0, 40), scores(24, 0.5, { repeated: 20 }), settings)).toMatchObject({ verdict: 'fail' })
  })
  it('takes a reward that cannot tell junk from answers for no better than chance', () => {
    expect(probe(pairs(40, 0), scores(0, 0, { empty: 0 }), settings)).toMatchObject({ value: 0.5, verdict: 'fail' })
  })
  it('says nothing without judgements, or without scores', () => {
    const none = Array.from({ length: 40 }, (_, i) => pair(`${i}`, undefined))
    expect(probe(none, scores(2, 1, {}), settings).verdict).toBe('unknown')
    expect(probe(pairs(40, 0), new Map(), settings).verdict).toBe('unknown')
  })
})

it('says what a project asks for less of than is usual, and nothing of what is as strict or stricter', () => {
  const own = gateSettings.parse({
    minWinRate: 0.4,
    minJudgements: 10,
    maxLengthRatio: 5,
    minLengthRatio: 0.6,
    maxJunk: 0.7,
  })
  expect(looserOf('preference', own)).toBe('above 40%, usually above 50%; 10 comparisons, usually 30 comparisons')
  expect(looserOf('length', own)).toBe('at most 5, usually at most 2')
  expect(looserOf('online-probe', own)).toBe('at most 70%, usually at most 20%')
  expect(looserOf('kl', own)).toBeUndefined()
  expect(looserOf('kl', gateSettings.parse({ maxKl: 0.5 }))).toBeUndefined()
})

describe('the decision', () => {
  const gate = (verdict: Gate['verdict'], required = true): Gate => ({
    gate: 'kl',
    value: 0,
    threshold: {},
    verdict,
    required,
    why: '',
  })
  it('needs every required gate, and no other', () => {
    expect(decisionOf([gate('pass'), gate('pass'), gate('fail', false), gate('unknown', false)])).toBe('pass')
    expect(decisionOf([gate('pass'), gate('unknown'), gate('fail')])).toBe('fail')
    expect(decisionOf([gate('pass'), gate('unknown')])).toBe('unknown')
    expect(decisionOf([])).toBe('unknown')
    expect(decisionOf([gate('pass', false)])).toBe('unknown')
  })
})

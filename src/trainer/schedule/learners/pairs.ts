/** Learning from pairs: reward model, DPO, ORPO. Chosen and rejected responses of a pair always share a pass. */
import { directPreference, smoothed } from '../../algorithms/dpo.ts'
import { oddsRatio } from '../../algorithms/orpo.ts'
import { bradleyTerry } from '../../algorithms/reward.ts'
import { mean, ordered, sum } from '../../algorithms/step.ts'
import type { Logistic, Outputs } from '../../model/session.ts'
import { randomOf } from '../../random.ts'
import { type Encoded, encodeRow, scored } from '../../text/encoding.ts'
import { type Line, type PreferenceRow, preferenceRow } from '../../text/rows.ts'
import { spoiledRows } from '../../text/spoil.ts'
import type { Figures } from '../events.ts'
import { calibrationOf, orderingOf } from '../interval.ts'
import { type Bench, blend, fewOf, inPasses, type Learner, remembered, spread } from '../learner.ts'

interface Pair {
  chosen: Encoded
  rejected: Encoded
  /** Completion tokens of chosen less those of rejected. */
  longer: number
  label?: number
  margin?: number
  weight?: number
}

function encodePairs({ text, settings }: Bench, rows: readonly PreferenceRow[]): Pair[] {
  const answers = ({ mask }: Encoded) => mask.reduce((a, b) => a + b, 0)
  return rows.map(({ prompt, chosen, rejected, ...rest }) => {
    const encode = (completion: typeof chosen) => encodeRow(text, prompt, completion, settings.maxLength)
    const [good, bad] = [encode(chosen), encode(rejected)]
    return { ...rest, chosen: good, rejected: bad, longer: answers(good) - answers(bad) }
  })
}

const readPairs = (bench: Bench, lines: readonly Line[]) => encodePairs(bench, lines.map(preferenceRow))

const lengthOf = ({ chosen, rejected }: Pair) => chosen.tokens.length + rejected.tokens.length
const tokensOf = (pairs: readonly Pair[]) => pairs.reduce((total, pair) => total + lengthOf(pair), 0)
/** Outputs of a pass of pairs, chosen and rejected apart. */
const halves = (outputs: Outputs) => ({
  chosen: outputs.filter((_, i) => i % 2 === 0),
  rejected: outputs.filter((_, i) => i % 2 === 1),
})
const woven = (chosen: ArrayLike<number>, rejected: ArrayLike<number>): number[] =>
  Array.from(chosen).flatMap((value, i) => [value, rejected[i]])
const labelsOf = (pairs: readonly Pair[]) => pairs.map(({ label }) => label)
const both = ({ chosen, rejected }: Pair) => [chosen, rejected]
const orderOf = (pairs: readonly Pair[], differences: ArrayLike<number>) =>
  orderingOf(
    differences,
    pairs.map(({ longer }) => longer),
    labelsOf(pairs),
  )

interface PairStep {
  loss: number
  chosen: ArrayLike<number>
  rejected: ArrayLike<number>
  differences: ArrayLike<number>
}
type Comparison = Logistic['comparisons'][number]

/**
 * One step of any of the three: `stepOf` answers for the pairs of one pass. Where the loss is a logistic regression,
 * `comparisonOf` says so pair by pair (`weight` within the mean of a pass), and the pass that computes outputs first is saved.
 */
async function accumulatePairs(
  bench: Bench,
  pairs: readonly Pair[],
  sequencesOf: (pair: Pair) => readonly Encoded[],
  stepOf: (outputs: Outputs, pairs: readonly Pair[]) => PairStep | Promise<PairStep>,
  {
    logistic,
    hasMargin = true,
  }: {
    logistic?: { slope: number; comparisonsOf(pairs: readonly Pair[]): Promise<Comparison[]> | Comparison[] }
    /** The differences are in a unit that people know. */
    hasMargin?: boolean
  } = {},
) {
  const figures: Figures = { loss: 0 }
  const order = { right: 0, pairs: 0 }
  const hear = async (outputs: Outputs, own: readonly Pair[], share: number): Promise<PairStep> => {
    const step = await stepOf(outputs, own)
    const { loss, differences } = step
    blend(figures, { loss, ...(hasMargin ? { margin: mean(differences) } : {}) }, share)
    const { right, pairs } = ordered(differences, labelsOf(own))
    order.right += right
    order.pairs += pairs
    return step
  }
  const asLogistic = logistic && {
    known: async (own: readonly Pair[], share: number): Promise<Logistic> => ({
      sequences: own.flatMap((_, comparison) => [1, -1].map((sign) => ({ comparison, slope: sign * logistic.slope }))),
      comparisons: (await logistic.comparisonsOf(own)).map((one) => ({
        ...one,
        weight: (one.weight * share) / own.length,
      })),
    }),
    heard: async (outputs: Outputs, own: readonly Pair[], share: number): Promise<void> => {
      await hear(outputs, own, share)
    },
  }
  await inPasses(
    bench,
    pairs,
    sequencesOf,
    () => 1,
    asLogistic ??
      (async (outputs, own, share) => {
        const { chosen, rejected } = await hear(outputs, own, share)
        return spread(outputs, woven(chosen, rejected), share)
      }),
  )
  // Over all passes at once: they do not have equally many pairs with an order.
  if (order.pairs) figures.accuracy = order.right / order.pairs
  return { figures, tokens: tokensOf(pairs) }
}

const drawOfSpoiled = 78

export function rewardLearner(bench: Bench): Learner {
  const { seed, spoiled = 0 } = bench.settings
  const rows = bench.lines.map(preferenceRow)
  const pairs = encodePairs(bench, [...rows, ...spoiledRows(rows, spoiled, randomOf(seed, drawOfSpoiled))])
  const held = readPairs(bench, bench.evalLines)
  const heads = ({ chosen, rejected }: Pair) => [scored(chosen), scored(rejected)]
  const scoresOf = (outputs: Outputs) => outputs.map(([score]) => score)
  const comparisonsOf = (own: readonly Pair[]): Comparison[] =>
    own.map(({ label = 1, weight = 1, margin = 0 }) => ({ label, weight, shift: -margin }))
  // Centring adds squares, and a margin of an uncertain pair a second sigmoid: neither is one logistic term.
  const isLogistic =
    bench.settings.centring === 0 && pairs.every(({ label = 1, margin = 0 }) => margin === 0 || label === 1)
  return {
    lengths: pairs.map(lengthOf),
    evalRows: held.length,
    memory: {},
    accumulate: (rows) =>
      accumulatePairs(
        bench,
        rows.map((i) => pairs[i]),
        heads,
        (outputs, own) => {
          const { chosen, rejected } = halves(outputs)
          return bradleyTerry(scoresOf(chosen), scoresOf(rejected), own, bench.settings.centring)
        },
        { logistic: isLogistic ? { slope: 1, comparisonsOf } : undefined },
      ),
    evaluate: async (most) => {
      const own = fewOf(held, most)
      if (!own.length) return {}
      const { chosen, rejected } = halves(await bench.session.forward(own.flatMap(heads)))
      const [good, bad] = [scoresOf(chosen), scoresOf(rejected)]
      const { loss, differences } = bradleyTerry(good, bad, own)
      return {
        ...orderOf(own, differences),
        loss,
        ...calibrationOf(differences, labelsOf(own)),
        meanScore: mean([...good, ...bad]),
      }
    },
    close: async () => {},
  }
}

export function dpoLearner(bench: Bench): Learner {
  const { settings, session, reference } = bench
  const pairs = readPairs(bench, bench.lines)
  const held = readPairs(bench, bench.evalLines)
  const referenceOf = async (own: readonly Pair[]) => {
    const rows = own.flatMap(both)
    // Without a reference its log-probabilities count as 0.
    return halves(settings.referenceFree ? rows.map(() => new Float32Array(0)) : await reference(rows))
  }
  const heldReference = remembered(referenceOf)
  const { beta } = settings
  let fixed: Awaited<ReturnType<typeof referenceOf>>
  const comparisonsOf = async (own: readonly Pair[]): Promise<Comparison[]> => {
    fixed = await referenceOf(own)
    return own.map(({ label = 1, weight = 1 }, i) => ({
      label: smoothed(label, settings.labelSmoothing),
      weight,
      shift: -beta * (sum(fixed.chosen[i]) - sum(fixed.rejected[i])),
    }))
  }
  return {
    lengths: pairs.map(lengthOf),
    evalRows: held.length,
    memory: {},
    accumulate: (rows) =>
      accumulatePairs(
        bench,
        rows.map((i) => pairs[i]),
        both,
        async (outputs, own) => {
          const known = settings.loss === 'sigmoid' ? fixed : await referenceOf(own)
          return directPreference(halves(outputs), known, settings, own)
        },
        { logistic: settings.loss === 'sigmoid' ? { slope: beta, comparisonsOf } : undefined },
      ),
    evaluate: async (most) => {
      const own = fewOf(held, most)
      if (!own.length) return {}
      const policy = halves(await session.forward(own.flatMap(both)))
      const fixed = await heldReference(own)
      const { loss, differences } = directPreference(policy, fixed, settings, own)
      const rewardOf = (side: 'chosen' | 'rejected') =>
        mean(own.map((_, i) => beta * (sum(policy[side][i]) - (settings.referenceFree ? 0 : sum(fixed[side][i])))))
      return {
        ...orderOf(own, differences),
        loss,
        ...calibrationOf(differences, labelsOf(own)),
        margin: mean(differences),
        chosenReward: rewardOf('chosen'),
        rejectedReward: rewardOf('rejected'),
      }
    },
    close: async () => {},
  }
}

export function orpoLearner(bench: Bench): Learner {
  const pairs = readPairs(bench, bench.lines)
  const held = readPairs(bench, bench.evalLines)
  return {
    lengths: pairs.map(lengthOf),
    evalRows: held.length,
    memory: {},
    accumulate: (rows) =>
      accumulatePairs(
        bench,
        rows.map((i) => pairs[i]),
        both,
        (outputs, own) => {
          const { chosen, rejected } = halves(outputs)
          return oddsRatio(chosen, rejected, bench.settings.beta, own)
        },
        { hasMargin: false },
      ),
    evaluate: async (most) => {
      const own = fewOf(held, most)
      if (!own.length) return {}
      const { chosen, rejected } = halves(await bench.session.forward(own.flatMap(both)))
      const { loss, differences } = oddsRatio(chosen, rejected, bench.settings.beta, own)
      return { ...orderOf(own, differences), loss }
    },
    close: async () => {},
  }
}

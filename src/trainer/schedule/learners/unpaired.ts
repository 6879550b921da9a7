/** KTO: single responses, each desirable or not. */
import { kahnemanTversky, referencePoint } from '../../algorithms/kto.ts'
import { sum } from '../../algorithms/step.ts'
import type { Sequence } from '../../model/session.ts'
import { encodeRow } from '../../text/encoding.ts'
import { type Line, type UnpairedRow, unpairedRows } from '../../text/rows.ts'
import type { Figures } from '../events.ts'
import { wilson } from '../interval.ts'
import { type Bench, blend, fewOf, inPasses, type Learner, remembered, spread } from '../learner.ts'

const weightsOf = (rows: readonly { weight?: number }[]) => rows.map(({ weight = 1 }) => weight)

export function ktoLearner(bench: Bench): Learner {
  const { session, text, settings, reference } = bench
  const encode = ({ prompt, completion }: Pick<UnpairedRow, 'prompt' | 'completion'>) =>
    encodeRow(text, prompt, completion, settings.maxLength)
  const read = (lines: readonly Line[]) => lines.flatMap(unpairedRows).map((row) => ({ ...row, ...encode(row) }))
  const rows = read(bench.lines)
  const held = read(bench.evalLines)
  /** Each prompt of the batch with the response to the next one; none where there is no next. */
  const crossedOf = (own: readonly (typeof rows)[number][]) =>
    own.length < 2
      ? []
      : own.map(({ prompt }, i) => encode({ prompt, completion: own[(i + 1) % own.length].completion }))
  /** z of such rows. */
  const pointOf = async (crossed: readonly Sequence[], referenceOf = reference) =>
    crossed.length ? referencePoint(await session.forward(crossed), await referenceOf(crossed)) : 0
  const ofHeld = { crossed: remembered(crossedOf), reference: remembered(reference), ofCrossed: remembered(reference) }
  return {
    lengths: rows.map(({ tokens }) => tokens.length),
    evalRows: held.length,
    memory: {},
    accumulate: async (indices) => {
      const items = indices.map((i) => rows[i])
      const z = await pointOf(crossedOf(items))
      const figures: Figures = { loss: 0 }
      await inPasses(
        bench,
        items,
        (row) => [row],
        () => 1,
        async (outputs, own, share) => {
          const desirable = own.map((row) => row.desirable)
          const fixed = await reference(own)
          const { loss, coefficients } = kahnemanTversky(outputs, fixed, desirable, z, settings, weightsOf(own))
          const right = own.filter((row, i) => sum(outputs[i]) - sum(fixed[i]) > z === row.desirable)
          blend(figures, { loss, accuracy: right.length / own.length }, share)
          return spread(outputs, coefficients, share)
        },
      )
      return { figures, tokens: items.reduce((total, { tokens }) => total + tokens.length, 0) }
    },
    evaluate: async (most) => {
      const own = fewOf(held, most)
      if (!own.length) return {}
      const [policy, fixed] = [await session.forward(own), await ofHeld.reference(own)]
      const gains = own.map((_, i) => settings.beta * (sum(policy[i]) - sum(fixed[i])))
      const z = await pointOf(ofHeld.crossed(own), ofHeld.ofCrossed)
      const desirable = own.map((row) => row.desirable)
      const right = gains.filter((gain, i) => gain > settings.beta * z === desirable[i]).length
      return {
        rows: own.length,
        accuracy: right / own.length,
        ...wilson(right, own.length),
        loss: kahnemanTversky(policy, fixed, desirable, z, settings, weightsOf(own)).loss,
      }
    },
    close: async () => {},
  }
}

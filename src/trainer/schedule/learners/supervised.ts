/** SFT: completions of the rows. */
import { supervised } from '../../algorithms/sft.ts'
import { sum } from '../../algorithms/step.ts'
import { encodeRow } from '../../text/encoding.ts'
import { completionRows, type Line } from '../../text/rows.ts'
import type { Figures } from '../events.ts'
import { type Bench, blend, fewOf, inPasses, type Learner, spread } from '../learner.ts'

const weightOf = ({ weight }: { weight: number }) => weight

export function supervisedLearner(bench: Bench): Learner {
  const { session, text, settings } = bench
  const read = (lines: readonly Line[]) =>
    lines.flatMap(completionRows).map(({ prompt, completion, weight = 1 }) => {
      const row = encodeRow(text, prompt, completion, settings.maxLength)
      return { ...row, weight, answers: row.mask.reduce((a, b) => a + b, 0) }
    })
  const rows = read(bench.lines)
  const held = read(bench.evalLines)
  return {
    lengths: rows.map(({ tokens }) => tokens.length),
    evalRows: held.length,
    memory: {},
    accumulate: async (indices) => {
      const figures: Figures = { loss: 0 }
      const items = indices.map((i) => rows[i])
      await inPasses(
        bench,
        items,
        (row) => [row],
        ({ weight, answers }) => weight * answers,
        {
          // They depend on lengths and weights alone, which saves the pass that computes outputs first.
          known: (own, share) => {
            const blank = own.map(({ answers }) => new Float32Array(answers))
            const { coefficients } = supervised(blank, own.map(weightOf))
            return spread(blank, coefficients, share)
          },
          heard: (outputs, own, share) => blend(figures, { loss: supervised(outputs, own.map(weightOf)).loss }, share),
        },
      )
      return { figures, tokens: items.reduce((total, { tokens }) => total + tokens.length, 0) }
    },
    evaluate: async (most): Promise<Record<string, number>> => {
      const own = fewOf(held, most)
      if (!own.length) return {}
      const outputs = await session.forward(own)
      const tokens = own.reduce((total, { answers }) => total + answers, 0)
      const loss = -outputs.reduce((total, row) => total + sum(row), 0) / tokens
      return { rows: own.length, loss, perplexity: Math.exp(loss) }
    },
    close: async () => {},
  }
}

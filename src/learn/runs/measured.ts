/** What was measured at the end of a run, as people read it. Pure. */
import { count, estimate } from '../../web/numbers.ts'

/** What is measured on held-out rows at the end, in plain words and in the order in which it is read. */
const measured: readonly { key: string; name: string; as?: 'percent' | 'count'; error?: string }[] = [
  { key: 'accuracy', name: 'pairs in the right order', as: 'percent' },
  { key: 'longerWins', name: '“the longer one wins”', as: 'percent' },
  { key: 'rewardBefore', name: 'reward before', error: 'rewardBeforeError' },
  { key: 'rewardAfter', name: 'reward after', error: 'rewardAfterError' },
  { key: 'kl', name: 'KL, nats a token' },
  { key: 'temperature', name: 'temperature of its samples' },
  { key: 'lengthBefore', name: 'tokens a sample before' },
  { key: 'length', name: 'tokens a sample after' },
  { key: 'truncatedShare', name: 'samples cut off', as: 'percent' },
  { key: 'loss', name: 'loss' },
  { key: 'perplexity', name: 'perplexity' },
  { key: 'brier', name: 'Brier score' },
  { key: 'calibrationError', name: 'calibration error' },
  { key: 'meanScore', name: 'mean score' },
  { key: 'pairs', name: 'held-out pairs', as: 'count' },
  { key: 'rows', name: 'held-out rows', as: 'count' },
  { key: 'prompts', name: 'held-out prompts', as: 'count' },
]
/** Of the intervals that stand beside an estimate. */
const beside = new Set(['low', 'high', 'rewardBeforeError', 'rewardAfterError'])

export interface Measured {
  key: string
  name: string
  text: string
}

/** Figures as lines; one that is not known here keeps its own name. */
export function measuredLines(figures: Readonly<Record<string, number>>): Measured[] {
  // What is drawn at another temperature shows another distance than that of the policies themselves.
  const isTempered = figures.temperature !== undefined
  const known = new Set(measured.map(({ key }) => key))
  const others = Object.keys(figures).filter((key) => !known.has(key) && !beside.has(key))
  return [...measured, ...others.map((key) => ({ key, name: key, as: undefined, error: undefined }))].flatMap(
    ({ key, name, as, error }) => {
      const value = figures[key]
      if (value === undefined) return []
      const spread = error === undefined ? undefined : figures[error]
      const interval =
        key === 'accuracy'
          ? { low: figures.low, high: figures.high, n: figures.pairs ?? figures.rows }
          : spread === undefined
            ? {}
            : { low: value - 1.96 * spread, high: value + 1.96 * spread, n: figures.prompts }
      const text =
        as === 'count' ? count(value) : estimate({ value, ...interval }, as ? { as, digits: 1 } : { digits: 3 })
      return [
        {
          key,
          name: key === 'kl' && isTempered ? 'nats a token from where it began, at that temperature' : name,
          text,
        },
      ]
    },
  )
}

/** `stats preference --method contextual`: scores with the side, the length or any other number taken out. */
import { refuse } from '../errors.ts'
import type { Covariate } from '../preference/contextual.ts'
import type { Flags, Found } from './preference.ts'
import { numberAt } from './read.ts'
import { decimals, textTable } from './show.ts'
import { readVotes, type VoteFile } from './votes.ts'

export async function contextualScores(file: string, flags: Flags, prior = 0): Promise<Found> {
  const names = flags.covariates.split(',').map((name) => name.trim())
  if (names.includes('') || new Set(names).size < names.length)
    refuse('Covariates are names between commas, each once.', {
      where: '--covariates',
      hint: 'Write --covariates side,length',
    })
  const measured = names.filter((name) => name !== 'side').flatMap((name) => [`${name}_left`, `${name}_right`])
  const read = await readVotes(file, flags.columns, measured)
  const { votes } = read
  const { contextualBradleyTerry } = await import('../preference/contextual.ts')
  const fit = contextualBradleyTerry(
    votes,
    names.map((name) => covariate(name, read)),
    { prior, errors: flags.errors === 'model' ? 'model' : 'sandwich' },
  )
  const total = new Map<number, number>()
  const weight = (i: number) => (fit.reason[i] === undefined ? Math.exp(fit.score[i]!) : 0)
  votes.itemNames.forEach((_, i) => {
    total.set(fit.component[i]!, (total.get(fit.component[i]!) ?? 0) + weight(i))
  })
  return {
    rows: votes.itemNames.map((item, i) => {
      const component = fit.component[i]!
      const why = fit.reason[i]
      if (why !== undefined) return { item, component, undefined: why }
      const [score, se] = [fit.score[i]!, fit.se[i]!]
      const worth = weight(i) / total.get(component)!
      return { item, score, worth, se, low: score - 1.959964 * se, high: score + 1.959964 * se, component }
    }),
    more: {
      effects: fit.effects,
      votes: votes.left.length,
      prior,
      logLikelihood: fit.logLikelihood,
      iterations: fit.iterations,
      converged: fit.converged,
    },
    below: `\n${textTable(
      ['pull of', 'log odds', 'se', 'low', 'high'],
      fit.effects.map(({ name, estimate, se, low, high }) => [
        name,
        ...[estimate, se, low, high].map((value) => decimals(value, 4)),
      ]),
    )}`,
  }
}

/** Of the left item against the right one: 1 for the side, how many times as long (in doublings), else the difference. */
function covariate(name: string, { votes, rows }: VoteFile): Covariate {
  const n = votes.left.length
  if (name === 'side') return { name, values: new Float64Array(n).fill(1) }
  const values = Float64Array.from({ length: n }, (_, row) => {
    const [left, right] = [`${name}_left`, `${name}_right`].map((column) => numberAt(rows, column, row)) as [
      number,
      number,
    ]
    if (name !== 'length') return left - right
    const bad = !(left > 0) ? 'left' : !(right > 0) ? 'right' : undefined
    if (bad)
      refuse('A length above 0 was expected.', { where: `${rows.file}, line ${rows.lines[row]}, column length_${bad}` })
    return Math.log2(left / right)
  })
  return { name, values }
}

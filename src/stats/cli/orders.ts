/** `stats preference --method orders` and `points`: rankings and points without a model, which have no error to tell. */
import { writeFileSync } from 'node:fs'
import { print } from '../../platform/command.ts'
import type { PairCounts } from '../preference/votes.ts'
import type { Flags } from './preference.ts'
import { csv, decimals, method, textTable } from './show.ts'
import { readVotes } from './votes.ts'

export const modelFree = ['orders', 'points'] as const

interface Figures {
  /** The first decides the order of the rows: places from the top, points from the most. */
  columns: Record<string, ArrayLike<number>>
  more: Record<string, unknown>
  below?: string
}

/** The place of each item in an order, from 1. */
function placesIn(order: readonly number[]): number[] {
  const places: number[] = []
  for (const [at, item] of order.entries()) places[item] = at + 1
  return places
}

async function orders(pairs: PairCounts, names: readonly string[]): Promise<Figures> {
  const { borda, cycles, kemeny, kemenyLimit, rankedPairs } = await import('../preference/orders.ts')
  const { sets, circularTriples, triples } = cycles(pairs)
  const best = pairs.items <= kemenyLimit ? kemeny(pairs) : undefined
  return {
    columns: {
      rankedPairs: placesIn(rankedPairs(pairs)),
      ...(best && { kemeny: placesIn(best.order) }),
      borda: borda(pairs),
    },
    more: {
      ...(best && { kemeny: { contradicted: best.contradicted, optima: best.optima } }),
      circles: sets.map((set) => set.map((item) => names[item]!)),
      circularTriples,
      triples,
    },
    below: [
      ...(best
        ? [`Kemeny's order contradicts ${best.contradicted} votes; ${best.optima} orders contradict as few.`]
        : []),
      `${circularTriples} of ${triples} triples run in a circle.`,
    ].join('\n'),
  }
}

async function points(pairs: PairCounts): Promise<Figures> {
  const { counting, eigenvector, pagerank } = await import('../preference/spectral.ts')
  return {
    columns: { counting: counting(pairs), eigenvector: eigenvector(pairs), pagerank: pagerank(pairs) },
    more: {},
  }
}

export async function modelFreeFigures(file: string, asked: (typeof modelFree)[number], flags: Flags): Promise<void> {
  const { votes } = await readVotes(file, flags.columns)
  const [{ pairCounts }, { weakComponents }] = await Promise.all([
    import('../preference/votes.ts'),
    import('../preference/components.ts'),
  ])
  const pairs = pairCounts(votes)
  const { columns, more, below } = asked === 'orders' ? await orders(pairs, votes.itemNames) : await points(pairs)
  const component = weakComponents(pairs.items, pairs.first, pairs.second)
  const names = [...Object.keys(columns), 'component']
  const rows = votes.itemNames
    .map((item, i) => ({ item, figures: [...Object.values(columns).map((values) => values[i]!), component[i]!] }))
    .sort((a, b) => (asked === 'orders' ? a.figures[0]! - b.figures[0]! : b.figures[0]! - a.figures[0]!))
  if (flags.out) writeFileSync(flags.out, csv([['item', ...names], ...rows.map((row) => [row.item, ...row.figures])]))
  const items = rows.map(({ item, figures }) => ({
    item,
    ...Object.fromEntries(names.map((name, c) => [name, figures[c]])),
  }))
  print({ items, ...method(asked), votes: votes.left.length, ...more }, flags.json, () =>
    [
      textTable(
        ['item', ...Object.keys(columns), 'part'],
        rows.map(({ item, figures }) => [
          item,
          ...figures.map((figure) => (Number.isInteger(figure) ? String(figure) : decimals(figure, 4))),
        ]),
      ),
      ...(below ? [below] : []),
      ...(new Set(component).size > 1
        ? ['Parts were never compared with each other: between them the order says nothing.']
        : []),
    ].join('\n'),
  )
}

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { readPreflib } from '../cli/preflib.ts'
import { bradleyTerry } from './bradley-terry.ts'
import { contextualBradleyTerry } from './contextual.ts'
import { elo, rating } from './elo.ts'
import { borda } from './orders.ts'
import { plackettLuce } from './plackett-luce.ts'
import { counting, eigenvector, pagerank } from './spectral.ts'
import { type NamedVotes, namedVotes, pairCounts, winner } from './votes.ts'

const data = (path: string) => fileURLToPath(new URL(`../../../../shared/data/${path}`, import.meta.url))
const absent = !existsSync(data('evalica'))
type Row = Record<string, string>
const rowsOf = (path: string): Row[] => parse(readFileSync(data(path)), { columns: true })
const centred = (values: ArrayLike<number>) => {
  const list = Array.from(values)
  const mean = list.reduce((a, b) => a + b, 0) / list.length
  return list.map((value) => value - mean)
}
const farthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (value, n) => Math.abs(value - b[n]!)))

function load(set: string): { votes: NamedVotes; golden: (algorithm: string) => number[] } {
  const rows = rowsOf(`evalica/${set}.csv`)
  const column = (name: string) => rows.map((row) => row[name]!)
  const votes = namedVotes(
    column('left'),
    column('right'),
    column('winner').map((name) => winner[name as keyof typeof winner]),
  )
  const all = rowsOf(`evalica/${set}-golden.csv`)
  const golden = (algorithm: string) =>
    votes.itemNames.map((name) => Number(all.find((row) => row.algorithm === algorithm && row.item === name)!.score))
  return { votes, golden }
}

describe.skipIf(absent)('published scores (skipped where ../shared/data is absent)', () => {
  it.each(['llmfao', 'food', 'simple'])('%s: Evalica', (set) => {
    const { votes, golden } = load(set)
    const logs = (algorithm: string) => centred(golden(algorithm).map(Math.log))
    expect(farthest(bradleyTerry(votes).score, logs('bradley_terry'))).toBeLessThan(1e-9)
    expect(farthest(bradleyTerry(votes, { ties: 'davidson' }).score, logs('newman'))).toBeLessThan(1e-9)
    expect(farthest(elo(votes).map(rating), golden('elo'))).toBeLessThan(1e-6)
    const pairs = pairCounts(votes)
    expect(farthest(borda(pairs), golden('average_win_rate'))).toBeLessThan(1e-12)
    expect(farthest(counting(pairs), golden('counting'))).toBeLessThan(1e-12)
    expect(farthest(pagerank(pairs), golden('pagerank'))).toBeLessThan(1e-12)
    // Evalica's is the eigenvector of the points given away, iterated to 1e-6
    const turned = { ...pairs, wins: pairs.losses, losses: pairs.wins }
    expect(farthest(eigenvector(turned), golden('eigen'))).toBeLessThan(1e-5)
  })

  it('Plackett-Luce worths of the Netflix films', () => {
    const { rankings, names } = readPreflib(data('worked-examples/netflix.soc'))
    const { worth } = plackettLuce(names.length, rankings, { prior: 0.5 })
    expect(farthest(worth, [0.2306285, 0.4510655, 0.1684719, 0.1498342])).toBeLessThan(1e-7)
  })

  it.each([1, 2])('choix %i: pairs, choices, rankings', (n) => {
    const read = (kind: string) => JSON.parse(readFileSync(data(`worked-examples/testcase-${kind}-${n}.json`), 'utf8'))
    const pairs = read('pairwise')
    const asVotes = {
      items: pairs.n_items,
      left: Int32Array.from(pairs.data, ([better]: number[]) => better!),
      right: Int32Array.from(pairs.data, ([, worse]: number[]) => worse!),
      outcome: new Int8Array(pairs.data.length),
    }
    expect(farthest(bradleyTerry(asVotes).score, pairs.ml_est)).toBeLessThan(1e-4)
    const rankings = read('rankings')
    const chains = rankings.data.map((order: number[]) => ({ groups: order.map((item) => [item]), weight: 1 }))
    expect(farthest(plackettLuce(rankings.n_items, chains).score, rankings.ml_est)).toBeLessThan(1e-4)
    const choices = read('top1')
    const chosen = choices.data.map(([best, rest]: [number, number[]]) => ({
      groups: [[best]],
      unranked: rest,
      weight: 1,
    }))
    expect(farthest(plackettLuce(choices.n_items, chosen).score, choices.ml_est)).toBeLessThan(1e-4)
  })

  it('the home advantage of baseball is .302', () => {
    const games = rowsOf('worked-examples/baseball.csv').flatMap((row) => [
      ...Array(Number(row.home_wins)).fill([row.home, row.away, winner.left]),
      ...Array(Number(row.away_wins)).fill([row.home, row.away, winner.right]),
    ])
    const votes = namedVotes(
      games.map(([home]) => home),
      games.map(([, away]) => away),
      games.map(([, , won]) => won),
    )
    const { effects } = contextualBradleyTerry(votes, [{ name: 'home', values: games.map(() => 1) }], {
      errors: 'model',
    })
    expect(effects[0]!.estimate).toBeCloseTo(0.302, 3)
  })
})

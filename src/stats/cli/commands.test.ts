import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { runCommand } from '../../../test/command.ts'
import { statsCommands } from '../cli.ts'
import { createRandom } from '../random.ts'

const folder = mkdtempSync(join(tmpdir(), 'stats-cli-'))
const shared = fileURLToPath(new URL('../../../../shared/data/agreement/', import.meta.url))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

async function stats(...args: string[]) {
  const printed = await runCommand(statsCommands, 'stats', ...args)
  return { ...printed, json: () => JSON.parse(printed.out) }
}

describe('stats agreement', () => {
  const labels = 'item,worker,label\n1,a,x\n1,b,x\n2,a,y\n2,b,y\n3,a,x\n3,b,y\n4,a,y\n4,b,y\n'

  it('prints every coefficient with interval, as JSON and as a table', async () => {
    const got = (await stats('agreement', file('labels.csv', labels), '--json')).json()
    expect(got).toMatchObject({ ratings: 8, method: 'agreement', version: 1 })
    expect(got.estimates).toHaveLength(8)
    for (const row of got.estimates)
      expect(Object.keys(row)).toEqual(expect.arrayContaining(['estimate', 'se', 'low', 'high', 'items', 'raters']))
    const { out } = await stats('agreement', file('labels.csv', labels), '--coefficient', 'krippendorff')
    expect(out).toMatch(/^coefficient +weights/)
  })

  it('refuses a worker who labels an item twice, with the line', async () => {
    const { err, out, code } = await stats('agreement', file('twice.csv', `${labels}2,a,x\n`))
    expect(err).toMatch(/Worker a labels item 2 a second time \(first on line 4\)/)
    expect(err).toMatch(/twice\.csv, line 10, column worker/)
    expect(out).toBe('')
    expect(code).toBe(2)
  })

  it('says which order it takes labels in where the order counts', async () => {
    const { err } = await stats('agreement', file('labels.csv', labels), '--weights', 'linear', '--json')
    expect(err).toMatch(/x, y; --order/)
    expect(
      (await stats('agreement', file('labels.csv', labels), '--weights', 'linear', '--order', 'y,x', '--json')).err,
    ).toBe('')
  })

  it('bootstraps with a seed and writes the items', async () => {
    const items = join(folder, 'items.csv')
    const args = [
      'agreement',
      file('labels.csv', labels),
      '--coefficient',
      'gwet',
      '--bootstrap',
      'items',
      '--seed',
      '4',
      '--json',
    ]
    const pairs = join(folder, 'pairs.csv')
    const once = (await stats(...args, '--out', items, '--out-pairs', pairs)).json()
    expect(readFileSync(pairs, 'utf8')).toBe('first,second,items,agreement,kappa\na,b,4,0.75,\n')
    expect(once.seed).toBe(4)
    expect((await stats(...args)).json()).toEqual(once)
    expect(readFileSync(items, 'utf8').split('\n')[3]).toBe('3,2,1')
  })

  it('gives correlations of numbers', async () => {
    const rows = ['9,2,5,8', '6,1,3,2', '8,4,6,8', '7,1,2,6', '10,5,6,9', '6,2,4,7']
    const path = file('judges.csv', `a,b,c,d\n${rows.join('\n')}\n`)
    const icc = (await stats('agreement', path, '--layout', 'raters', '--coefficient', 'icc', '--json')).json()
    expect(icc.estimates.map((row: { estimate: number }) => +row.estimate.toFixed(2))).toEqual([
      0.17, 0.29, 0.71, 0.44, 0.62, 0.91,
    ])
    const w = (await stats('agreement', path, '--layout', 'raters', '--coefficient', 'kendall', '--json')).json()
    expect(w.estimates[0]).toMatchObject({ coefficient: 'kendall w', raters: 4, items: 6 })
  })

  it('reads spans, and gives unitising alpha where the texts have a length', async () => {
    const rows = [
      '1,ann,0,4,x,12',
      '1,ann,10,12,x,12',
      '1,bob,0,4,x,12',
      '1,bob,9,12,x,12',
      '2,ann,,,,9',
      '2,bob,3,5,x,9',
    ]
    const path = file('spans.csv', `item,worker,start,end,label,length\n${rows.join('\n')}\n`)
    const got = (await stats('agreement', path, '--layout', 'spans', '--json')).json()
    expect(got).toMatchObject({ spans: 5, seed: 0 })
    expect(
      got.estimates.map((row: { coefficient: string; estimate: number }) => [
        row.coefficient,
        +row.estimate.toFixed(3),
      ]),
    ).toEqual([
      ['span F1, exact', 0.4],
      ['span F1, overlap', 0.8],
      ['span F1, characters', 0.8],
      ['unitising alpha, x', expect.any(Number)],
    ])
    const bad = await stats(
      'agreement',
      file('bad-spans.csv', 'item,worker,start,end,label\n1,a,5,3,x\n'),
      '--layout',
      'spans',
    )
    expect(bad.err).toMatch(/bad-spans\.csv, line 2, column end/)
  })

  it('takes NA among numbers as missing and says so, and among words as a label', async () => {
    const of = (text: string) =>
      stats('agreement', file('na.csv', text), '--layout', 'raters', '--coefficient', 'percent', '--json')
    const numbers = await of('a,b\n1,1\n2,NA\n2,2\n')
    expect(numbers.json().estimates[0]).toMatchObject({ estimate: 1, items: 3 })
    expect(numbers.err).toMatch(/1 cells \(NA\)/)
    expect((await of('a,b\nx,x\ny,NA\ny,y\n')).json().estimates[0].estimate).toBeCloseTo(2 / 3, 10)
  })

  it('gives the reliability of labels that several raters make together', async () => {
    const rows = ['xxxxxy', 'yyyyxy', 'xxyxxx', 'yyyyyy', 'xyxxxx', 'yyxyyy'].map((row) => [...row].join(','))
    const path = file('six.csv', `a,b,c,d,e,f\n${rows.join('\n')}\n`)
    const args = ['agreement', path, '--layout', 'raters', '--aggregate']
    expect((await stats(...args, '3', '--json')).json()).toMatchObject({
      seed: 0,
      estimates: [{ coefficient: 'majority of 3', items: 6 }],
    })
    expect((await stats(...args, '4')).out).toMatch(/undefined: 0 items have the 8 ratings/)
    expect((await stats(...args, 'many')).err).toMatch(/--aggregate/)
  })

  it.each([
    ['--layout', 'wide', /--layout does not know wide/],
    ['--metric', 'nominal', /metrics are Krippendorff/],
    ['--confidence', '95', /between 0 and 1/],
  ])('refuses %s %s', async (flag, value, message) => {
    const { err, out } = await stats('agreement', file('labels.csv', labels), '--coefficient', 'fleiss', flag, value)
    expect(err).toMatch(message)
    expect(out).toBe('')
  })

  it('refuses a contingency table that is not one', async () => {
    const table = (text: string) => stats('agreement', file('table.csv', text), '--layout', 'table')
    expect((await table(',a,b\na,1,2\n')).err).toMatch(/square/)
    expect((await table(',a,b\nb,1,2\na,1,2\n')).err).toMatch(/line 2, column 1/)
    expect((await table(',a,b\na,1,two\nb,1,2\n')).err).toMatch(/line 2, column b/)
  })

  it.skipIf(!existsSync(shared))(
    'reads the four layouts of the shared files (skipped where they are absent)',
    async () => {
      const estimate = async (...args: string[]) =>
        (await stats('agreement', ...args, '--json')).json().estimates[0].estimate
      expect(await estimate(`${shared}raw_4raters.csv`, '--layout', 'raters', '--coefficient', 'gwet')).toBeCloseTo(
        0.775444,
        6,
      )
      expect(
        await estimate(`${shared}table_cont3x3abstractors.csv`, '--layout', 'table', '--coefficient', 'cohen'),
      ).toBeCloseTo(0.796409, 6)
      const units = [
        `${shared}krippendorff_wikipedia.csv`,
        '--layout',
        'units',
        '--coefficient',
        'krippendorff',
        '--metric',
      ]
      expect(await estimate(...units, 'ordinal')).toBeCloseTo(0.806721, 6)
    },
  )
})

describe('stats bias', () => {
  it('runs every test that the columns allow and names who is found', async () => {
    const random = createRandom(12)
    const rows = ['worker,winner,length_left,length_right,seconds,correct,item,score,label,group']
    for (let i = 0; i < 600; i++) {
      const who = i % 6
      const [left, right] = [50 + random.integer(200), 50 + random.integer(200)]
      const winner = random.next() < (who === 2 ? 0.85 : 0.5) ? 'left' : 'right'
      const score = Math.floor(i / 6) % 3
      rows.push(
        [
          `w${who}`,
          winner,
          left,
          right,
          5 + random.integer(60),
          random.next() < 0.8 ? 1 : 0,
          `i${Math.floor(i / 6)}`,
          score + random.integer(3) + (who === 4 ? 2 : 0),
          'abc'[random.integer(3)],
          `g${who % 2}`,
        ].join(','),
      )
    }
    const path = file('answers.csv', `${rows.join('\n')}\n`)
    const { tests } = (await stats('bias', path, '--json')).json() as {
      tests: { test: string; of: string; adjusted?: number }[]
    }
    const found = (test: string) =>
      tests.filter((row) => row.test === test && (row.adjusted ?? 1) < 0.01).map((row) => row.of)
    expect(found('left side')).toEqual(['w2'])
    expect(found('severity')).toContain('w4')
    expect(new Set(tests.map((row) => row.test.split(',')[0]))).toEqual(
      new Set([
        'left side',
        'length',
        'speed and quality',
        'change of quality',
        'drift alarms',
        'severity',
        'group',
        'differential functioning',
      ]),
    )
    expect((await stats('bias', path)).out).toMatch(/left side +w2/)
  })

  it('names the place of a winner that it does not know, and says when no test is possible', async () => {
    const { err } = await stats('bias', file('winner.csv', 'worker,winner\na,left\na,first\n'))
    expect(err).toMatch(/One of left, right, tie was expected, found "first"/)
    expect(err).toMatch(/winner\.csv, line 3, column winner/)
    expect((await stats('bias', file('none.csv', 'a,b\n1,2\n'))).err).toMatch(/allow no test/)
  })
})

describe('stats ppi', () => {
  it('narrows the interval of the people, and scores models where votes name them', async () => {
    const random = createRandom(3)
    const rows = ['human,judge,left,right']
    for (let i = 0; i < 800; i++) {
      const truth = random.next() < 0.7 ? 'left' : 'right'
      const other = truth === 'left' ? 'right' : 'left'
      rows.push(`${i < 80 ? truth : ''},${random.next() < 0.9 ? truth : other},a,b`)
    }
    const path = file('verdicts.csv', `${rows.join('\n')}\n`)
    const votes = (await stats('ppi', path, '--json')).json()
    expect(votes.estimates[0]).toMatchObject({ of: 'a', n: 80, others: 720 })
    const rate = (await stats('ppi', path, '--columns', 'left=none,right=none', '--json')).json()
    const [ppi, alone] = rate.estimates
    expect(alone.of).toBe('people alone')
    expect(ppi.high - ppi.low).toBeLessThan(0.8 * (alone.high - alone.low))
    expect((await stats('ppi', file('odd.csv', 'human,judge\nmaybe,1\n'))).err).toMatch(
      /odd\.csv, line 2, column human/,
    )
  })
})

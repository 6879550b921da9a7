import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { runCommand } from '../../../test/command.ts'
import { statsCommands } from '../cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'stats-inference-'))
const shared = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string) => join(folder, name)
const file = (name: string, text: string) => {
  writeFileSync(at(name), text)
  return at(name)
}

async function stats(...args: string[]) {
  const printed = await runCommand(statsCommands, 'stats', ...args)
  return { ...printed, json: () => JSON.parse(printed.out) }
}

const labels =
  'item,worker,label\n1,a,x\n1,b,x\n1,c,y\n2,a,y\n2,b,y\n2,c,y\n3,a,x\n3,b,x\n3,c,x\n4,a,y\n4,b,x\n4,c,y\n5,a,y\n5,b,y\n5,c,y\n'

describe('stats truth', () => {
  it('prints accuracy with interval, classes, workers, version and seed; writes items and workers', async () => {
    const truth = file('truth.csv', 'item,truth\n1,x\n2,y\n9,x\n')
    const out = [at('items.csv'), at('workers.csv')] as const
    const got = (
      await stats(
        'truth',
        file('labels.csv', labels),
        '--truth',
        truth,
        '--out',
        out[0],
        '--out-workers',
        out[1],
        '--json',
      )
    ).json()
    expect(got).toMatchObject({
      method: 'ibcc',
      version: 1,
      seed: 0,
      items: 5,
      workers: 3,
      labels: 15,
      accuracy: 1,
      n: 2,
      missing: 1,
    })
    expect(Object.keys(got.prevalence)).toEqual(['x', 'y'])
    expect(got.quality[0]).toMatchObject({ worker: 'a', labels: 5 })
    expect(got.low).toBeLessThan(1)
    const items = readFileSync(out[0], 'utf8').trim().split('\n')
    expect(items[0]).toBe('item,label,tie,p(x),p(y)')
    expect(items).toHaveLength(6)
    expect(readFileSync(out[1], 'utf8')).toMatch(/^worker,labels,accuracy,se,low,high\na,5,0\.\d+/)
  })

  it('counts a true class that nobody gave as missed, and says so', async () => {
    const truth = file('strange.csv', 'item,truth\n1,x\n2,never\n')
    const got = await stats('truth', file('labels.csv', labels), '--truth', truth, '--json')
    expect(got.json()).toMatchObject({ accuracy: 0.5, n: 2 })
    expect(got.err).toMatch(/classes that nobody gave, which count as missed: never/)
  })

  it('keeps ties as ties', async () => {
    const got = await stats(
      'truth',
      file('tie.csv', 'item,worker,label\n1,a,"x, or ""y"""\n1,b,z\n'),
      '--method',
      'majority',
      '--out',
      at('tie-out.csv'),
    )
    expect(got.out).toMatch(/1 items are tied/)
    expect(readFileSync(at('tie-out.csv'), 'utf8')).toContain('1,"x, or ""y""|z",1,0.5,0.5')
  })

  it('writes nothing that a spreadsheet would execute, and labels that are numbers as they are', async () => {
    const labels = 'item,worker,label\n=1+1,a,-1\n=1+1,b,-1\n2,a,1\n'
    await stats('truth', file('formula.csv', labels), '--method', 'majority', '--out', at('formula-out.csv'))
    const written = readFileSync(at('formula-out.csv'), 'utf8')
    expect(written).toContain("\n'=1+1,-1,")
    expect(written).toContain('\n2,1,')
  })

  it('compares methods on gold and recommends', async () => {
    const truth = file('truth.csv', 'item,truth\n1,x\n2,y\n')
    const got = await stats('truth', file('labels.csv', labels), '--truth', truth, '--compare')
    expect(got.out).toMatch(/Recommended: majority\./)
  })

  it('holds gold items, and says which methods can', async () => {
    const gold = file('gold.csv', 'item,truth\n4,x\n')
    await stats('truth', file('labels.csv', labels), '--gold', gold, '--out', at('gold-out.csv'))
    expect(readFileSync(at('gold-out.csv'), 'utf8')).toContain('\n4,x,0,1,0')
    expect((await stats('truth', at('labels.csv'), '--method', 'glad', '--gold', gold)).err).toMatch(
      /glad has no place for gold/,
    )
  })

  it.each([
    ['an unknown method', ['--method', 'best'], /There is no method best/],
    ['a prior that is no number', ['--prior', 'x'], /--prior/],
    ['truth of other items', ['--truth', 'other.csv'], /No item of .*other\.csv occurs/],
    ['a gold item with a class that nobody gave', ['--gold', 'class.csv'], /class\.csv, line 2, column truth/],
    ['two truths of one item', ['--truth', 'two.csv'], /two\.csv, line 3/],
    ['a file that is not there', ['--truth', 'nowhere.csv'], /nowhere\.csv/],
  ])('refuses %s, and prints nothing else', async (_, flags, message) => {
    file('labels.csv', labels)
    file('other.csv', 'item,truth\n77,x\n')
    file('class.csv', 'item,truth\n1,q\n')
    file('two.csv', 'item,truth\n1,x\n1,y\n')
    const { out, err, code } = await stats(
      'truth',
      at('labels.csv'),
      ...flags.map((flag) => (flag.endsWith('.csv') ? at(flag) : flag)),
    )
    expect(err).toMatch(message)
    expect(out).toBe('')
    expect(code).toBe(2)
  })

  it('labels of one class, of one worker, and one label alone are answered without a crash', async () => {
    const methods = ['majority', 'wawa', 'dawid-skene', 'one-coin', 'ibcc', 'mace', 'glad', 'bwa', 'ebcc']
    for (const text of ['1,a,x\n', '1,a,x\n2,a,x\n3,b,x\n', '1,a,x\n2,a,y\n'])
      for (const method of methods) {
        const { out } = await stats(
          'truth',
          file('small.csv', `item,worker,label\n${text}`),
          '--method',
          method,
          '--json',
        )
        expect(out).not.toMatch(/NaN|null/)
        expect(JSON.parse(out).method).toBe(method)
      }
  })
})

describe('stats preference', () => {
  const votes =
    'left,right,winner,worker\na,b,left,w\nb,a,left,w\na,b,tie,v\nb,c,left,w\nc,b,left,v\na,c,left,v\nc,d,left,w\n'

  it('scores with interval and component, and names what has no finite score', async () => {
    const got = (await stats('preference', file('votes.csv', votes), '--out', at('scores.csv'), '--json')).json()
    expect(got).toMatchObject({
      method: 'bradley-terry',
      version: 1,
      votes: 7,
      ties: 'half',
      prior: 0,
      errors: 'sandwich',
    })
    const byItem = new Map<string, Record<string, unknown>>(got.items.map((row: { item: string }) => [row.item, row]))
    expect(Object.keys(byItem.get('a')!)).toEqual(
      expect.arrayContaining(['score', 'worth', 'se', 'low', 'high', 'component']),
    )
    expect(byItem.get('d')!.undefined).toMatch(/never won/)
    expect(byItem.get('d')!.score).toBeUndefined()
    expect(readFileSync(at('scores.csv'), 'utf8')).toMatch(/^item,label,score/)
    expect((await stats('preference', at('votes.csv'))).out).toMatch(/d +undefined: never won/)
  })

  it.each([
    ['elo', []],
    ['annotator-aware', []],
    ['plackett-luce', []],
    ['bradley-terry', ['--ties', 'davidson', '--prior', '0.5', '--errors', 'workers']],
    ['bradley-terry', ['--errors', 'bootstrap', '--samples', '20', '--prior', '1']],
  ])('%s %j', async (method, flags) => {
    const { out, err } = await stats('preference', file('votes.csv', votes), '--method', method, ...flags, '--json')
    expect(err).toBe('')
    expect(out).not.toMatch(/NaN|null/)
    expect(JSON.parse(out).items).toHaveLength(4)
  })

  it('tells of workers and flipped votes', async () => {
    const flags = ['--method', 'annotator-aware', '--out-workers', at('w.csv'), '--out-votes', at('v.csv')]
    await stats('preference', file('votes.csv', votes), ...flags)
    expect(readFileSync(at('w.csv'), 'utf8')).toMatch(/^worker,votes,reliability,low,high,left/)
    expect(readFileSync(at('v.csv'), 'utf8').trim().split('\n')).toHaveLength(8)
  })

  it.each([
    ['winner.csv', 'left,right,winner\na,b,a\n', [], /winner\.csv, line 2, column winner/],
    ['self.csv', 'left,right,winner\na,b,left\na,a,left\n', [], /a is compared with itself/],
    ['hole.csv', 'left,right,winner,worker\na,b,left,\n', [], /column worker/],
    ['ties.csv', votes, ['--method', 'elo', '--ties', 'davidson'], /belongs to bradley-terry/],
    ['nobody.csv', 'left,right,winner\na,b,left\n', ['--method', 'annotator-aware'], /who voted/],
    ['bad.soc', '# NUMBER ALTERNATIVES: 2\n3: 1,9\n', ['--method', 'plackett-luce'], /bad\.soc, line 2/],
    ['twice.soc', '3: 1,1\n', ['--method', 'plackett-luce'], /stands twice/],
    ['words.soc', '3: best,worst\n', ['--method', 'plackett-luce'], /A ranking was expected/],
    ['ranked.soc', '3: 1,2\n', [], /need --method plackett-luce/],
  ])('refuses %s', async (name, text, flags, message) => {
    const { out, err } = await stats('preference', file(name, text), ...flags)
    expect(err).toMatch(message)
    expect(out).toBe('')
  })

  it('reads rankings with ties in braces', async () => {
    const path = file('ties.toc', '# NUMBER ALTERNATIVES: 3\n# ALTERNATIVE NAME 1: One\n2: 1,{2,3}\n1: 2,1\n1: 3,1,2\n')
    const { items } = (await stats('preference', path, '--method', 'plackett-luce', '--json')).json()
    expect(items.map((row: { label: string }) => row.label)).toEqual(['One', '2', '3'])
    expect(items[0].score).toBeGreaterThan(items[1].score)
  })
})

describe('stats plan', () => {
  it('plans from labels already collected', async () => {
    const got = (await stats('plan', file('labels.csv', labels), '--half-width', '0.1', '--most', '3', '--json')).json()
    expect(got.overlap).toHaveLength(3)
    expect(got.sizes.map((size: { class: string }) => size.class)).toEqual(['x', 'y'])
    expect(got.gold).toMatchObject({ items: 41, needed: 34 })
    const { out } = await stats('plan', at('labels.csv'), '--half-width', '0.1')
    expect(out).toMatch(/labels an item instead of 3\.00/)
    expect((await stats('plan', at('labels.csv'), '--half-width', '2')).err).toMatch(/--half-width/)
  })
})

describe.skipIf(!existsSync(shared))('shared data (skipped where it is absent)', () => {
  it('row order and names change nothing of the product set', async () => {
    const truth = join(shared, 'truth-inference/product/truth.csv')
    const [header, ...rows] = readFileSync(join(shared, 'truth-inference/product/label.csv'), 'utf8').trim().split('\n')
    const turned = file('turned.csv', [header, ...rows.reverse()].join('\n'))
    for (const method of ['ibcc', 'glad', 'bwa']) {
      const plain = (
        await stats(
          'truth',
          join(shared, 'truth-inference/product/label.csv'),
          '--truth',
          truth,
          '--method',
          method,
          '--json',
        )
      ).json()
      const other = (await stats('truth', turned, '--truth', truth, '--method', method, '--json')).json()
      expect(other).toEqual(plain)
    }
  })
})

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runCommand } from '../../../test/command.ts'
import { statsCommands } from '../cli.ts'
import { createRandom } from '../random.ts'

const folder = mkdtempSync(join(tmpdir(), 'stats-methods-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, lines: string[]) => {
  const path = join(folder, name)
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}
const rowsOf = (path: string) =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','))

async function stats(...args: string[]) {
  const printed = await runCommand(statsCommands, 'stats', ...args)
  return { ...printed, json: () => JSON.parse(printed.out) }
}

/** A refusal prints nothing but what is wrong, where, and exits with 2. */
async function refused(...args: string[]): Promise<string> {
  const { out, err, code } = await stats(...args)
  expect({ out, code }).toEqual({ out: '', code: 2 })
  return err
}

describe('stats preference --method contextual', () => {
  const random = createRandom(7)
  const strengths: Record<string, number> = { a: 0, b: 0.5, c: 1 }
  const lines = ['left,right,winner,length_left,length_right,lists_left,lists_right']
  for (let n = 0; n < 3000; n++) {
    const pair = ['a', 'b', 'c'].sort(() => random.next() - 0.5).slice(0, 2) as [string, string]
    const lengths = [50 + random.integer(400), 50 + random.integer(400)] as const
    const odds = strengths[pair[0]]! - strengths[pair[1]]! + 0.4 + 0.6 * Math.log2(lengths[0] / lengths[1])
    const won = random.next() < 1 / (1 + Math.exp(-odds)) ? 'left' : 'right'
    lines.push([...pair, won, ...lengths, n % 3, n % 2].join(','))
  }
  const votes = file('contextual.csv', lines)

  it('takes side and length out of the scores, and says how they pull', async () => {
    const out = join(folder, 'contextual-out.csv')
    const args = ['preference', votes, '--method', 'contextual', '--covariates', 'side,length,lists']
    const got = (await stats(...args, '--json', '--out', out)).json()
    const effect = new Map(got.effects.map((own: { name: string }) => [own.name, own])) as Map<
      string,
      { estimate: number; low: number; high: number }
    >
    for (const [name, truth] of [
      ['side', 0.4],
      ['length', 0.6],
      ['lists', 0],
    ] as const) {
      expect(effect.get(name)!.low, name).toBeLessThan(truth)
      expect(effect.get(name)!.high, name).toBeGreaterThan(truth)
    }
    const [a, , c] = got.items as { item: string; score: number; low: number; high: number; worth: number }[]
    expect(c!.score - a!.score).toBeGreaterThan(0.7)
    expect(got.items.reduce((sum: number, { worth }: { worth: number }) => sum + worth, 0)).toBeCloseTo(1, 9)
    expect(got).toMatchObject({ method: 'contextual', version: 1, votes: 3000 })
    expect(rowsOf(out)[1]![0]).toBe('c')
    expect((await stats(...args)).out).toMatch(/pull of +log odds[\s\S]*side +0\.\d+/)
  })

  it('names line and column of what is no number or no length, and the column that is missing', async () => {
    const bad = (row: string) => file('bad.csv', ['left,right,winner,length_left,length_right', 'a,b,left,3,4', row])
    const args = ['--method', 'contextual', '--covariates', 'length']
    expect(await refused('preference', bad('b,a,left,long,4'), ...args)).toMatch(
      /found "long"[\s\S]*bad\.csv, line 3, column length_left/,
    )
    expect(await refused('preference', bad('b,a,left,2,0'), ...args)).toMatch(/line 3, column length_right/)
    expect(await refused('preference', votes, '--method', 'contextual', '--covariates', 'tables')).toMatch(
      /There is no column tables_left/,
    )
    expect(await refused('preference', votes, '--method', 'contextual', '--covariates', 'side,side')).toMatch(
      /--covariates/,
    )
  })
})

describe('stats preference --method mixture', () => {
  const random = createRandom(8)
  const lines = ['left,right,winner,worker']
  for (let n = 0; n < 1600; n++) {
    const worker = n % 16
    const [left, right] = random.integer(2) ? ['plain', 'ornate'] : ['ornate', 'plain']
    const likes = worker < 10 ? 'plain' : 'ornate'
    lines.push(`${left},${right},${(random.next() < 0.9) === (left === likes) ? 'left' : 'right'},w${worker}`)
  }
  const votes = file('camps.csv', lines)

  it('finds the camps, who is in them, and that there are two', async () => {
    const workers = join(folder, 'camps-workers.csv')
    const args = ['preference', votes, '--method', 'mixture', '--groups', '2']
    const got = (await stats(...args, '--json', '--out-workers', workers)).json()
    const [first, second] = [...got.groups].sort((a, b) => b.share - a.share)
    expect(first).toMatchObject({ workers: 10, share: expect.closeTo(0.625, 2) })
    const best = (group: number) =>
      got.items
        .filter((row: { group: number }) => row.group === group)
        .sort((a: { score: number }, b: { score: number }) => b.score - a.score)[0].item
    expect([best(first.group), best(second.group)]).toEqual(['plain', 'ornate'])
    const bic = got.compared as { groups: number; bic: number }[]
    expect(bic.reduce((a, b) => (b.bic < a.bic ? b : a)).groups).toBe(2)
    const rows = rowsOf(workers).slice(1)
    expect(rows).toHaveLength(16)
    expect(new Set(rows.filter(([worker]) => Number(worker!.slice(1)) < 10).map(([, group]) => group)).size).toBe(1)
    expect((await stats(...args)).out).toMatch(/BIC: 1 group [\s\S]*the least speaks for 2/)
  })

  it('refuses more groups than workers, no workers, and a prior of 0', async () => {
    const mixture = ['--method', 'mixture']
    expect(await refused('preference', votes, ...mixture, '--groups', '17')).toMatch(/--groups/)
    expect(await refused('preference', votes, ...mixture, '--prior', '0')).toMatch(/--prior/)
    const nameless = file('nameless.csv', ['left,right,winner', 'a,b,left'])
    expect(await refused('preference', nameless, ...mixture)).toMatch(/no column worker/)
  })
})

describe('stats truth --method numeric', () => {
  const random = createRandom(9)
  const lines = ['item,worker,label']
  const truth = ['item,truth']
  for (let i = 0; i < 80; i++) {
    const value = 100 * random.next()
    truth.push(`i${i},${value}`)
    for (const [worker, bias, spread] of [
      ['fair', 0, 2],
      ['high', 8, 2],
      ['rough', 0, 12],
    ] as const)
      lines.push(`i${i},${worker},${value + bias + spread * random.normal()}`)
  }
  const numbers = file('numbers.csv', lines)

  it('finds bias and spread, and is nearer to the truth than plain means', async () => {
    const [out, workers] = [join(folder, 'numbers-out.csv'), join(folder, 'numbers-workers.csv')]
    const args = ['truth', numbers, '--method', 'numeric', '--truth', file('numbers-truth.csv', truth)]
    const got = (await stats(...args, '--json', '--out', out, '--out-workers', workers)).json()
    expect(got).toMatchObject({ method: 'numeric', items: 80, workers: 3, labels: 240, n: 80, missing: 0 })
    expect(got.rmse).toBeLessThan(got.rmseOfMeans)
    const of = new Map(got.quality.map((own: { worker: string }) => [own.worker, own])) as Map<
      string,
      { bias: number; spread: number }
    >
    expect(of.get('high')!.bias - of.get('fair')!.bias).toBeGreaterThan(6)
    expect(of.get('rough')!.spread).toBeGreaterThan(2 * of.get('fair')!.spread)
    expect(rowsOf(out)).toHaveLength(81)
    expect(rowsOf(workers)[0]).toEqual(['worker', 'bias', 'biasSe', 'spread', 'weight', 'ratings'])
    expect((await stats(...args)).out).toMatch(/root mean square error \d/)
  })

  it('names line and column of what is no number', async () => {
    const bad = file('word.csv', ['item,worker,score', '1,a,3', '1,b,three'])
    const args = ['truth', bad, '--method', 'numeric', '--columns', 'label=score']
    expect(await refused(...args)).toMatch(/found "three"[\s\S]*word\.csv, line 3, column score/)
    expect(await refused(...args, '--gold', bad)).toMatch(/neither --gold/)
  })
})

describe('stats truth --method ordinal', () => {
  const random = createRandom(10)
  const lines = ['item,worker,label']
  for (let i = 0; i < 120; i++)
    for (const [worker, severity] of [
      ['mild', -1],
      ['middle', 0],
      ['strict', 1],
    ] as const) {
      const at = (i % 5) + 1 - severity * 0.8 + random.normal() * 0.5
      lines.push(`i${i},${worker},${Math.max(1, Math.min(5, Math.round(at)))}`)
    }
  const ratings = file('ratings.csv', lines)

  it('finds who is strict, and gives fair ratings on the scale itself', async () => {
    const out = join(folder, 'fair.csv')
    const got = (await stats('truth', ratings, '--method', 'ordinal', '--json', '--out', out)).json()
    expect(got).toMatchObject({ method: 'ordinal', scale: ['1', '2', '3', '4', '5'], labels: 360 })
    const severity = Object.fromEntries(
      got.quality.map((own: { worker: string; severity: number }) => [own.worker, own.severity]),
    )
    expect(severity.strict).toBeGreaterThan(severity.middle)
    expect(severity.middle).toBeGreaterThan(severity.mild)
    for (const [, fair] of rowsOf(out).slice(1)) {
      expect(Number(fair)).toBeGreaterThanOrEqual(1)
      expect(Number(fair)).toBeLessThanOrEqual(5)
    }
  })

  it('takes words in the order given, and asks for one', async () => {
    const words = file('words.csv', ['item,worker,label', '1,a,good', '1,b,fair', '2,a,poor', '2,b,poor'])
    const got = await stats('truth', words, '--method', 'ordinal', '--order', 'poor,fair,good', '--json')
    expect(got.json().scale).toEqual(['poor', 'fair', 'good'])
    expect(await refused('truth', words, '--method', 'ordinal')).toMatch(
      /good is no number[\s\S]*words\.csv, line 2, column label[\s\S]*--order/,
    )
    expect(await refused('truth', words, '--method', 'ordinal', '--order', 'poor,good')).toMatch(
      /fair is not on the scale[\s\S]*line 3, column label/,
    )
    expect(await refused('truth', words, '--method', 'ibcc', '--order', 'poor,good')).toMatch(/belongs to ordinal/)
  })
})

describe('stats truth --method crowdlab', () => {
  const random = createRandom(11)
  const labels = ['item,worker,label']
  const truth = ['item,truth']
  const model = ['item,cat,dog']
  for (let i = 0; i < 200; i++) {
    const cat = random.integer(2) === 1
    truth.push(`i${i},${cat ? 'cat' : 'dog'}`)
    for (const worker of ['a', 'b'])
      if (worker === 'a' || i % 2) labels.push(`i${i},${worker},${(random.next() < 0.75) === cat ? 'cat' : 'dog'}`)
    const p = random.next() < 0.9 === cat ? 0.9 : 0.1
    model.push(`i${i},${p},${1 - p}`)
  }
  const paths = {
    labels: file('pets.csv', labels),
    truth: file('pets-truth.csv', truth),
    model: file('pets-model.csv', model),
  }

  it('is better than labels alone where the model is good', async () => {
    const out = join(folder, 'pets-out.csv')
    const args = ['truth', paths.labels, '--truth', paths.truth, '--json']
    const alone = (await stats(...args)).json()
    const both = (await stats(...args, '--method', 'crowdlab', '--model', paths.model, '--out', out)).json()
    expect(both).toMatchObject({ method: 'crowdlab', items: 200, n: 200, modelWeight: expect.any(Number) })
    expect(both.accuracy).toBeGreaterThan(alone.accuracy)
    expect(rowsOf(out)[0]).toEqual(['item', 'label', 'tie', 'p(cat)', 'p(dog)', 'confidence'])
  })

  it('names the place of whatever is wrong with the model', async () => {
    const crowdlab = (path: string) => refused('truth', paths.labels, '--method', 'crowdlab', '--model', path)
    expect(await refused('truth', paths.labels, '--method', 'crowdlab')).toMatch(/--model/)
    expect(await crowdlab(file('m1.csv', ['item,cat,dog', 'i0,0.4,0.4']))).toMatch(
      /sum to 0\.8000[\s\S]*m1\.csv, line 2/,
    )
    expect(await crowdlab(file('m2.csv', ['item,cat,dog', 'i0,0.4,likely']))).toMatch(/m2\.csv, line 2, column dog/)
    expect(await crowdlab(file('m3.csv', ['item,cat,dog', 'i0,0.4,0.6']))).toMatch(
      /nothing of item i1[\s\S]*pets\.csv, line/,
    )
    expect(await crowdlab(file('m4.csv', ['item,cat,cow', 'i0,0.4,0.6']))).toMatch(/no column for dog/)
    expect(await crowdlab(file('m5.csv', [...model, 'i0,0.5,0.5']))).toMatch(/i0 stands twice/)
  })
})

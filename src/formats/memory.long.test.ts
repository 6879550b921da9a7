import { describe, expect, it } from 'vitest'
import { type ExportRecord, formatNamed, isProblem, type Packing, writerNamed } from './index.ts'

const rows = 1_000_000
const mebibyte = 1024 * 1024

function* records(): Generator<ExportRecord> {
  for (let i = 0; i < rows; i++) {
    yield {
      prompt: [{ role: 'user', content: `Question ${i}: what is a good way to learn to play the piano?` }],
      responses: [
        { content: `Practise a little every day, ${i % 97} minutes at first.` },
        { content: `"Nobody" knows, ask ${i}.` },
      ],
      judgement: { kind: 'preference', chosen: 0, rejected: 1 },
      metadata: {},
    }
  }
}

/** Resident memory beyond what the process had before, at its highest. */
async function growth<T>(items: AsyncIterable<T>, each: (item: T) => void): Promise<number> {
  global.gc?.()
  const before = process.memoryUsage.rss()
  let highest = before
  let seen = 0
  for await (const item of items) {
    each(item)
    seen += 1
    if (seen % 1000 === 0) highest = Math.max(highest, process.memoryUsage.rss())
  }
  return (highest - before) / mebibyte
}

describe('a million rows', () => {
  it.each([
    ['trl-preference', 'jsonl', 'trl-preference'],
    ['hh', 'jsonl', 'hh'],
    ['csv', 'csv', 'csv'],
  ] as const)('%s as %s are written and read without holding them', async (writer, packing, format) => {
    let found = 0
    const bytes = writerNamed(writer).write(records(), { packing })
    const grown = await growth(formatNamed(format).parse(bytes, { fileName: `x.${packing}` }), (item) => {
      if (!isProblem(item)) found += 1
    })
    expect(found).toBe(rows)
    expect(grown).toBeLessThan(200)
  })

  it('are written as Parquet without holding them', async () => {
    const packing: Packing = 'parquet'
    const grown = await growth(writerNamed('trl-preference').write(records(), { packing }), () => {})
    expect(grown).toBeLessThan(250)
  })
})

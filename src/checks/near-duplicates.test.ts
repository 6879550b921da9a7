import { expect, it } from 'vitest'
import { groupsOf, nearDuplicateThreshold, shinglesOf, similarity, sketchBytes, sketchOf } from './near-duplicates.ts'

const both = (a: string, b: string) => similarity(new Uint8Array([...sketchOf(a), ...sketchOf(b)]), 0, 1)
const exact = (a: string, b: string) => {
  const [x, y] = [shinglesOf(a), shinglesOf(b)]
  const shared = [...x].filter((shingle) => y.has(shingle)).length
  return shared / (x.size + y.size - shared)
}
/** `n` words of a numbered vocabulary, each different. */
const words = (n: number, from = 0) => Array.from({ length: n }, (_, i) => `word${from + i}`).join(' ')
const groups = async (texts: string[]) =>
  Array.from(await groupsOf(new Uint8Array(texts.flatMap((text) => [...sketchOf(text)]))))

it('sees no case, no punctuation and no width of letters', () => {
  expect(both('Where is my parcel, now?', 'where is MY parcel now')).toBe(1)
  expect(both('Ｗｈｅｒｅ is it', 'where is it')).toBe(1)
})

it('estimates the share of three-word runs that two texts have in common', () => {
  for (let cut = 0; cut < 100; cut += 5) {
    const [a, b] = [words(100), `${words(100 - cut)} ${words(cut, 500)}`]
    expect(Math.abs(both(a, b) - exact(a, b))).toBeLessThan(0.2)
  }
})

it('puts texts together that differ in a word, and leaves others apart', async () => {
  const long = words(60)
  const texts = [
    long,
    `${long} more`,
    words(60, 900),
    'Hello',
    'hello!',
    'Hello there',
    '',
    '?',
    '?!',
    '我要退货',
    '我要退款',
  ]
  const first = await groups(texts)
  expect(first[1]).toBe(0)
  expect(first[2]).toBe(2)
  expect(first[4]).toBe(3)
  expect(first[5]).toBe(5)
  expect(new Set(first.slice(6)).size).toBe(5)
})

it('closes groups: what is alike to one of a group belongs to it', async () => {
  const steps = Array.from({ length: 12 }, (_, i) => words(100, i * 4))
  expect(both(steps[0]!, steps.at(-1)!)).toBeLessThan(nearDuplicateThreshold)
  expect(new Set(await groups(steps)).size).toBe(1)
})

it('finds nearly all pairs of similarity 0.85 among thousands, and few of 0.6', async () => {
  const texts: string[] = []
  for (let i = 0; i < 500; i++) {
    const own = i * 1000
    // Of n words, n - 2 runs; the last k words replaced change k runs of each.
    texts.push(words(102, own), `${words(94, own)} ${words(8, own + 500)}`)
    texts.push(words(102, own + 200), `${words(77, own + 200)} ${words(25, own + 700)}`)
  }
  const first = await groups(texts)
  const together = (offset: number) => {
    let n = 0
    for (let i = 0; i < texts.length; i += 4) if (first[i + offset] === first[i + offset + 1]) n += 1
    return n
  }
  expect(exact(texts[0]!, texts[1]!)).toBeCloseTo(0.85, 2)
  expect(exact(texts[2]!, texts[3]!)).toBeCloseTo(0.6, 2)
  expect(together(0)).toBeGreaterThan(400)
  expect(together(2)).toBeLessThan(5)
})

it('handles nothing, and a sketch has its length', async () => {
  expect(Array.from(await groupsOf(new Uint8Array()))).toEqual([])
  expect(sketchOf('a b c d').length).toBe(sketchBytes)
})

/**
 * Texts that are the same but for a few words. A text is the set of its runs of three words; two texts are near-duplicates
 * where the estimated Jaccard similarity of their sets is 0.8 or more. Estimated by min-hashing (Broder 1997) with one byte
 * a hash (Li and Koenig 2010, "b-bit minwise hashing"); candidates are found by bands of four bytes (Leskovec, Rajaraman,
 * Ullman, "Mining of Massive Datasets", 3.4): a pair of similarity 0.8 meets in one of sixteen bands with probability 0.9998.
 * Time is linear in the length of the texts and in their number; nothing is random.
 *
 * Example: "where is my parcel now" and "Where is my parcel, now?" have equal sketches.
 */
import { setImmediate as breathe } from 'node:timers/promises'

export const nearDuplicateThreshold = 0.8
/** Bytes of a sketch, one a hash function. */
export const sketchBytes = 64
const bandBytes = 4
const shingleWords = 3

/** Finaliser of MurmurHash3: every bit of the input moves every bit of the result. */
function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}

const seeds = Uint32Array.from({ length: sketchBytes }, (_, i) => mix(0x9e3779b9 * (i + 1)))

function hashOf(word: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193)
  return mix(hash)
}

/** Scripts without spaces are read sign by sign. */
const words = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{N}]+/gu

/** The words of a text without case and punctuation; of a text without words, its characters. */
export const wordsOf = (text: string): string[] => text.normalize('NFKC').toLowerCase().match(words) ?? [text.trim()]

/** Hashes of a text's runs of three words; of a shorter text, of all its words. */
export function shinglesOf(text: string): Set<number> {
  const hashes = wordsOf(text).map(hashOf)
  const shingles = new Set<number>()
  for (let i = 0; i === 0 || i + shingleWords <= hashes.length; i++)
    shingles.add(hashes.slice(i, i + shingleWords).reduce((whole, hash) => mix(Math.imul(whole, 31) + hash), 0))
  return shingles
}

export function sketchOf(text: string): Uint8Array {
  const least = new Uint32Array(sketchBytes).fill(0xffffffff)
  for (const shingle of shinglesOf(text))
    for (let i = 0; i < sketchBytes; i++) {
      const hash = mix(shingle ^ seeds[i]!)
      if (hash < least[i]!) least[i] = hash
    }
  return Uint8Array.from(least)
}

/** Two bytes agree by chance in one of 256 cases. */
const chance = 1 / 256
export function similarity(sketches: Uint8Array, i: number, j: number): number {
  let equal = 0
  for (let k = 0; k < sketchBytes; k++) if (sketches[i * sketchBytes + k] === sketches[j * sketchBytes + k]) equal += 1
  return Math.max(0, (equal / sketchBytes - chance) / (1 - chance))
}

/** So many texts are compared before others have their turn on this thread. */
const breath = 5000

/** Of `n` sketches laid end to end: for each text the first text of its group. Groups are closed: a ~ b ~ c are together. */
export async function groupsOf(sketches: Uint8Array): Promise<Int32Array> {
  const n = sketches.length / sketchBytes
  const first = Int32Array.from({ length: n }, (_, i) => i)
  const find = (i: number): number => {
    while (first[i] !== i) i = first[i] = first[first[i]!]!
    return i
  }
  const join = (i: number, j: number) => {
    const [a, b] = [find(i), find(j)]
    if (a !== b && similarity(sketches, i, j) >= nearDuplicateThreshold) first[Math.max(a, b)] = Math.min(a, b)
  }
  const bytes = new DataView(sketches.buffer, sketches.byteOffset, sketches.byteLength)
  for (let band = 0; band < sketchBytes; band += bandBytes) {
    const met = new Map<number, { first: number; last: number }>()
    for (let i = 0; i < n; i++) {
      if (i % breath === breath - 1) await breathe()
      const key = bytes.getUint32(i * sketchBytes + band)
      const bucket = met.get(key)
      if (!bucket) {
        met.set(key, { first: i, last: i })
        continue
      }
      join(bucket.first, i)
      join(bucket.last, i)
      bucket.last = i
    }
    await breathe()
  }
  return first.map((_, i) => find(i))
}

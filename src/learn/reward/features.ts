/**
 * A text as hashed features: which words and neighbouring pairs of words it has, in 2^20 buckets (Weinberger et al. 2009,
 * "Feature hashing for large scale multitask learning").
 *
 * x_j = 1 / sqrt(n) for each of the n distinct buckets that the text touches, else 0: binary, so that saying it twice counts
 * once; of length 1, so that a long text has no more to say than a short one. A pair of texts is x(chosen) - x(rejected).
 *
 * Worked example: "go on" touches the buckets of "go", "on" and "go on": three features of 1 / sqrt(3) = 0.577.
 */

/** Buckets: 2^20. */
export const width = 1 << 20

/** What comes later in a text is not read: no reader weighs more, and no text can hold the server up. */
const mostTokens = 20_000

/** A longer word is compared as it stands: putting its marks in order could take the square of its length. */
const longestNormalised = 100

/**
 * A run of letters and figures, or one sign of its own. Scripts that put no space between words go by the letter, and pairs
 * of letters do the rest. Each place of the text is looked at once.
 */
const tokenPattern =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]\p{M}*|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}])[\p{L}\p{M}\p{N}])+(?:['’]\p{L}+)*|[^\s\p{C}]/gu

/** A word in its place: `from` and `to` are offsets in UTF-16 units. */
export interface Token {
  from: number
  to: number
  /** Bucket of the word, and of the pair it makes with the word before it (-1 for the first). */
  word: number
  pair: number
}

const fnvBasis = 0x811c9dc5

/** FNV-1a over UTF-16 units. */
function hash(text: string, state = fnvBasis): number {
  let mixed = state
  for (let i = 0; i < text.length; i++) mixed = Math.imul(mixed ^ text.charCodeAt(i), 0x01000193)
  return mixed
}

/** MurmurHash3's finish: FNV leaves its high bits poorly mixed in short words. */
function bucketOf(hashed: number): number {
  let mixed = hashed ^ (hashed >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) & (width - 1)
}

const sameWord = (text: string) =>
  (text.length > longestNormalised ? text : text.normalize('NFC').replaceAll('’', "'")).toLowerCase()

/** The words of a text in their order; any text, also one that is no text. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let before: number | undefined
  for (const match of text.matchAll(tokenPattern)) {
    const hashed = hash(sameWord(match[0]))
    tokens.push({
      from: match.index,
      to: match.index + match[0].length,
      word: bucketOf(hashed),
      // The hash of the word before, gone on with: "a bc" and "ab c" differ by their first step.
      pair: before === undefined ? -1 : bucketOf(Math.imul(before, 0x9e3779b1) ^ hashed),
    })
    if (tokens.length === mostTokens) break
    before = hashed
  }
  return tokens
}

/** False where the text had more words than are read. */
export const readsAll = (tokens: readonly Token[]): boolean => tokens.length < mostTokens

/** Sparse vector: distinct buckets, ascending, and the value at each. */
export interface Sparse {
  at: Uint32Array
  value: Float32Array
}

/** Distinct buckets of some tokens, ascending. */
export function bucketsOf(tokens: readonly Token[]): Uint32Array {
  const all = new Uint32Array(tokens.length * 2)
  let n = 0
  for (const { word, pair } of tokens) {
    all[n++] = word
    if (pair >= 0) all[n++] = pair
  }
  const sorted = all.subarray(0, n).sort()
  let kept = 0
  for (let i = 0; i < n; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[kept++] = sorted[i]!
  return sorted.slice(0, kept)
}

/** Features of one text. A text without a word has none. */
export function featuresOf(text: string): Sparse {
  const at = bucketsOf(tokensOf(text))
  return { at, value: new Float32Array(at.length).fill(1 / Math.sqrt(at.length)) }
}

/** a - b, without the places where they are equal. */
export function difference(a: Sparse, b: Sparse): Sparse {
  const at = new Uint32Array(a.at.length + b.at.length)
  const value = new Float32Array(at.length)
  let n = 0
  for (let i = 0, j = 0; i < a.at.length || j < b.at.length; ) {
    const [x, y] = [a.at[i] ?? width, b.at[j] ?? width]
    const here = (x <= y ? a.value[i++]! : 0) - (y <= x ? b.value[j++]! : 0)
    if (here === 0) continue
    at[n] = Math.min(x, y)
    value[n++] = here
  }
  return { at: at.slice(0, n), value: value.slice(0, n) }
}

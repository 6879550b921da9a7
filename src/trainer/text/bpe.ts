/**
 * Byte-level byte-pair encoding, learned on the spot: Sennrich et al. 2016, arXiv 1508.07909, on bytes as in GPT-2.
 * Starting from the 256 bytes, the most frequent pair of neighbours inside words becomes a token, again and again.
 * Equal counts are decided by the pair that was there first, so that one text gives one tokenizer.
 *
 * Example: "low low lower": the first merges are l+o and lo+w (three times each).
 */
import type { TokenizerSource } from './tokenizer.ts'

/** Ids of the special tokens: start of a text (and padding), start and end of a message. */
export const specialTokens = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'] as const

const template =
  "{{ bos_token }}{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"

/** GPT-2's splitting into words; no token crosses their bounds. */
const words = /'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu

/** GPT-2's printable stand-ins for the bytes: those of Latin-1 that print stand for themselves, the rest follows 255. */
const byteCharacters: readonly string[] = (() => {
  const prints = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
  let next = 256
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(prints(byte) ? byte : next++))
})()

interface Word {
  symbols: number[]
  count: number
}

function countWords(texts: Iterable<string>): Word[] {
  const counts = new Map<string, number>()
  for (const text of texts) for (const [word] of text.matchAll(words)) counts.set(word, (counts.get(word) ?? 0) + 1)
  const encoder = new TextEncoder()
  return [...counts].map(([word, count]) => ({ symbols: [...encoder.encode(word)], count }))
}

/** Merges as pairs of symbols, bytes being 0..255 and merge k being 256 + k. Stops at pairs that occur only once. */
export function learnMerges(texts: Iterable<string>, mergesWanted: number): [number, number][] {
  const vocabulary = countWords(texts)
  const limit = 2 ** 20
  const counts = new Map<number, number>()
  const places = new Map<number, Set<number>>()
  const note = (left: number, right: number, by: number, word: number) => {
    const pair = left * limit + right
    const count = (counts.get(pair) ?? 0) + by
    if (count > 0) counts.set(pair, count)
    else counts.delete(pair)
    if (by < 0) return
    const at = places.get(pair)
    if (at) at.add(word)
    else places.set(pair, new Set([word]))
  }
  vocabulary.forEach(({ symbols, count }, word) => {
    for (let i = 0; i + 1 < symbols.length; i++) note(symbols[i], symbols[i + 1], count, word)
  })
  const merges: [number, number][] = []
  while (merges.length < mergesWanted) {
    let best = -1
    let most = 1
    for (const [pair, count] of counts)
      if (count > most) {
        most = count
        best = pair
      }
    if (best === -1) break
    const [left, right] = [Math.floor(best / limit), best % limit]
    const merged = 256 + merges.length
    merges.push([left, right])
    for (const word of places.get(best) ?? []) {
      const { symbols, count } = vocabulary[word]
      for (let i = 0; i + 1 < symbols.length; i++) {
        if (symbols[i] !== left || symbols[i + 1] !== right) continue
        if (i > 0) {
          note(symbols[i - 1], left, -count, word)
          note(symbols[i - 1], merged, count, word)
        }
        if (i + 2 < symbols.length) {
          note(right, symbols[i + 2], -count, word)
          note(merged, symbols[i + 2], count, word)
        }
        symbols.splice(i, 2, merged)
      }
    }
    counts.delete(best)
    places.delete(best)
  }
  return merges
}

/** tokenizer.json and tokenizer_config.json of at most `size` tokens; `chat` says whether prompts are conversations. */
export function trainTokenizer(texts: Iterable<string>, size: number, { chat }: { chat: boolean }): TokenizerSource {
  const merges = learnMerges(texts, size - 256 - specialTokens.length)
  const pieces = [...byteCharacters]
  for (const [left, right] of merges) pieces.push(pieces[left] + pieces[right])
  // Two merges may spell the same token; it has one id.
  const vocab = new Map<string, number>()
  for (const token of [...specialTokens, ...pieces]) if (!vocab.has(token)) vocab.set(token, vocab.size)
  const [start, , end] = specialTokens
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }
  return {
    tokenizer: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: specialTokens.map((content, id) => ({
        id,
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      })),
      normalizer: null,
      pre_tokenizer: byteLevel,
      post_processor: {
        type: 'TemplateProcessing',
        single: [{ SpecialToken: { id: start, type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
        pair: [
          { SpecialToken: { id: start, type_id: 0 } },
          { Sequence: { id: 'A', type_id: 0 } },
          { Sequence: { id: 'B', type_id: 1 } },
        ],
        special_tokens: { [start]: { id: start, ids: [0], tokens: [start] } },
      },
      decoder: byteLevel,
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab: Object.fromEntries(vocab),
        merges: merges.map(([left, right]) => `${pieces[left]} ${pieces[right]}`),
      },
    },
    config: {
      tokenizer_class: 'PreTrainedTokenizerFast',
      bos_token: start,
      eos_token: end,
      pad_token: start,
      model_max_length: 1024,
      clean_up_tokenization_spaces: false,
      ...(chat ? { chat_template: template } : {}),
    },
  }
}

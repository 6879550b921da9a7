/** A tokenizer as a model brings it along: text to ids and back, special tokens, chat template. */
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers'
import { TrainerError } from '../errors.ts'
import { type ChatTemplate, chatTemplateOf } from './chat.ts'

export interface TokenizerSource {
  /** tokenizer.json and tokenizer_config.json, parsed. */
  tokenizer: Record<string, unknown>
  config: Record<string, unknown>
}

export interface Tokenizer {
  /** Ids of a text as it stands, without tokens that the tokenizer would add. Special tokens in it are recognised. */
  encode(text: string): number[]
  /** Ids of the start of a raw text: with the start token where the tokenizer adds one. */
  encodeStart(text: string): number[]
  /** Text of ids, special tokens left out unless asked for. */
  decode(ids: readonly number[], options?: { special?: boolean }): string
  /** Ids at which an answer ends. */
  readonly endIds: ReadonlySet<number>
  /** The token that ends a response in training. */
  readonly endId: number
  /** Stands before a text that would otherwise be empty. */
  readonly startId: number
  readonly template?: ChatTemplate
  readonly size: number
}

const nameOf = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value
  if (typeof value === 'object' && value !== null && 'content' in value && typeof value.content === 'string')
    return value.content
  return undefined
}

/** `endIds`: the ends that the model's configuration names; without any, the tokenizer's own. */
export function tokenizerFrom(
  source: TokenizerSource,
  endIds: readonly number[] = [],
  where = 'tokenizer.json',
): Tokenizer {
  let inner: HuggingFaceTokenizer
  try {
    inner = new HuggingFaceTokenizer(source.tokenizer, source.config)
    inner.encode('a')
  } catch (error) {
    throw new TrainerError('bad_input', 'This is not a tokenizer that can be read.', {
      where,
      hint: (error as Error).message,
      cause: error,
    })
  }
  const idOf = (name: string): number | undefined => {
    const token = nameOf(source.config[name])
    return token === undefined ? undefined : inner.token_to_id(token)
  }
  const ends = new Set(endIds)
  const own = idOf('eos_token')
  if (!ends.size && own !== undefined) ends.add(own)
  const [first] = ends
  if (first === undefined)
    throw new TrainerError('bad_input', 'Neither the model nor its tokenizer says which token ends a text.', {
      where: `${where}, eos_token`,
    })
  // Of several ends the tokenizer's own is the one that its template writes.
  const endId = own !== undefined && ends.has(own) ? own : first
  // A spread would exceed the stack with vocabularies beyond 100,000 tokens.
  let size = 0
  for (const id of inner.get_vocab().values()) size = Math.max(size, id + 1)
  return {
    encode: (text) => (text === '' ? [] : inner.encode(text, { add_special_tokens: false }).ids),
    encodeStart: (text) => inner.encode(text).ids,
    decode: (ids, { special = false } = {}) =>
      ids.length ? inner.decode([...ids], { skip_special_tokens: !special, clean_up_tokenization_spaces: false }) : '',
    endIds: ends,
    endId,
    startId: idOf('bos_token') ?? endId,
    template: chatTemplateOf(source.config, where),
    size,
  }
}

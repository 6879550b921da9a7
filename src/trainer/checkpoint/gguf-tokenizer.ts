/**
 * Rebuilds Hugging Face's tokenizer files from the metadata of a GGUF file: byte-level BPE (`tokenizer.ggml.model` is
 * `gpt2`) with the way of splitting text that `tokenizer.ggml.pre` names.
 */
import { TrainerError } from '../errors.ts'
import type { Fields } from './json.ts'

export interface TokenizerFiles {
  /** tokenizer.json and tokenizer_config.json; the latter carries the chat template. */
  tokenizer: Fields
  config: Fields
}

const byteLevel = (useRegex: boolean): Fields => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: useRegex,
})
const split = (pattern: string): Fields => ({
  type: 'Sequence',
  pretokenizers: [
    { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false },
    byteLevel(false),
  ],
})
// The published patterns of the models' own tokenizer.json.
const llama3 =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
const qwen2 =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
const splitting: Record<string, Fields> = {
  smollm: { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }, byteLevel(true)] },
  'gpt-2': byteLevel(true),
  default: byteLevel(true),
  'llama-bpe': split(llama3),
  qwen2: split(qwen2),
}

const controlType = 3
const userDefinedType = 4

function listOf<T>(metadata: Record<string, unknown>, name: string, isItem: (x: unknown) => x is T, path: string): T[] {
  const value = metadata[name]
  if (Array.isArray(value) && value.every(isItem)) return value
  throw new TrainerError('bad_input', `${name} is missing or not a list: the file has no tokenizer.`, {
    where: `${path}, ${name}`,
    hint: 'Fetch another file of this model.',
  })
}
const isText = (value: unknown): value is string => typeof value === 'string'
const isNumber = (value: unknown): value is number => typeof value === 'number'

export function tokenizerOf(metadata: Record<string, unknown>, path: string): TokenizerFiles {
  const model = String(metadata['tokenizer.ggml.model'] ?? 'missing')
  const pre = String(metadata['tokenizer.ggml.pre'] ?? 'default')
  if (model !== 'gpt2' || !Object.hasOwn(splitting, pre))
    throw new TrainerError('bad_input', `A GGUF tokenizer '${model}' that splits text as '${pre}' is not supported.`, {
      where: `${path}, ${model === 'gpt2' ? 'tokenizer.ggml.pre' : 'tokenizer.ggml.model'}`,
      hint: `Supported is gpt2 with ${Object.keys(splitting).join(', ')}. The Hugging Face folder of the model brings its own.`,
    })
  const tokens = listOf(metadata, 'tokenizer.ggml.tokens', isText, path)
  const merges = listOf(metadata, 'tokenizer.ggml.merges', isText, path)
  const types = metadata['tokenizer.ggml.token_type']
    ? listOf(metadata, 'tokenizer.ggml.token_type', isNumber, path)
    : []
  const added = tokens.flatMap((content, id) =>
    types[id] === controlType || types[id] === userDefinedType
      ? [
          {
            id,
            content,
            single_word: false,
            lstrip: false,
            rstrip: false,
            normalized: false,
            special: types[id] === controlType,
          },
        ]
      : [],
  )
  const tokenOf = (name: string): string | undefined =>
    tokens[Number(metadata[`tokenizer.ggml.${name}_token_id`] ?? -1)]
  const bos = tokenOf('bos')
  const addsBos = metadata['tokenizer.ggml.add_bos_token'] === true && bos !== undefined
  return {
    tokenizer: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: added,
      normalizer: null,
      pre_tokenizer: splitting[pre],
      post_processor: addsBos ? startingWith(bos, tokens.indexOf(bos)) : { ...byteLevel(true), trim_offsets: false },
      decoder: byteLevel(true),
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: pre === 'llama-bpe',
        vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
        merges,
      },
    },
    config: {
      tokenizer_class: 'PreTrainedTokenizerFast',
      model_max_length: 1e30,
      clean_up_tokenization_spaces: false,
      bos_token: bos ?? null,
      eos_token: tokenOf('eos') ?? null,
      pad_token: tokenOf('padding') ?? null,
      unk_token: tokenOf('unknown') ?? null,
      ...(typeof metadata['tokenizer.chat_template'] === 'string'
        ? { chat_template: metadata['tokenizer.chat_template'] }
        : {}),
    },
  }
}

/** The post-processor that puts one token before every text. */
function startingWith(token: string, id: number): Fields {
  return {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: token, type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [
      { SpecialToken: { id: token, type_id: 0 } },
      { Sequence: { id: 'A', type_id: 0 } },
      { Sequence: { id: 'B', type_id: 1 } },
    ],
    special_tokens: { [token]: { id: token, ids: [id], tokens: [token] } },
  }
}

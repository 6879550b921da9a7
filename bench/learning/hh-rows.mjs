// Anthropic HH pairs as conversations, 80/20 by pair (every fifth is held out), optionally only those that fit.
//   node bench/learning/hh-rows.mjs OUT_DIR [--most-tokens N --tokenizer DIR_OR_GGUF]
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'

const source = fileURLToPath(new URL('../../../shared/data/hh-rlhf/harmless-base.first1800.jsonl.gz', import.meta.url))

/** Turns of a transcript: `\n\nHuman: ...\n\nAssistant: ...`. */
export function turnsOf(transcript) {
  const parts = transcript.split(/\n\n(Human|Assistant):/).slice(1)
  const turns = []
  for (let i = 0; i < parts.length; i += 2)
    turns.push({ role: parts[i] === 'Human' ? 'user' : 'assistant', content: parts[i + 1].trim() })
  return turns
}

/** Prompt (all turns but the last answer), chosen and rejected answers. */
export function pairOf({ chosen, rejected }) {
  const [good, bad] = [turnsOf(chosen), turnsOf(rejected)]
  return { prompt: good.slice(0, -1), chosen: good.slice(-1), rejected: bad.slice(-1) }
}

export function hhPairs() {
  return gunzipSync(readFileSync(source))
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => pairOf(JSON.parse(line)))
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'most-tokens': { type: 'string' }, tokenizer: { type: 'string' } },
})
const [out] = positionals
mkdirSync(out, { recursive: true })
let pairs = hhPairs().map((pair, i) => ({ ...pair, index: i }))
if (values['most-tokens']) {
  const { openCheckpoint } = await import('../../dist/server/trainer/checkpoint/open.js')
  const { tokenizerFrom } = await import('../../dist/server/trainer/text/tokenizer.js')
  const { encodeRow } = await import('../../dist/server/trainer/text/encoding.js')
  const { tokenizer, config } = await openCheckpoint(values.tokenizer)
  const text = tokenizerFrom(tokenizer, config.eosTokenIds)
  const lengthOf = ({ prompt }, answer) => encodeRow(text, prompt, answer, 1e6).tokens.length
  const most = Number(values['most-tokens'])
  pairs = pairs.filter((pair) => Math.max(lengthOf(pair, pair.chosen), lengthOf(pair, pair.rejected)) <= most)
}
const held = pairs.filter(({ index }) => index % 5 === 0)
const learned = pairs.filter(({ index }) => index % 5 !== 0)
const write = (name, rows) =>
  writeFileSync(join(out, name), rows.map(({ index: _, ...row }) => `${JSON.stringify(row)}\n`).join(''))
write('train.jsonl', learned)
write('eval.jsonl', held)
console.log(JSON.stringify({ train: learned.length, eval: held.length }))

/** Answers to the same few prompts as a run goes on, so that people can read what it learns: greedy, beside the training. */
import { encodePrompt } from '../text/encoding.ts'
import { promptRow, type Text } from '../text/rows.ts'
import type { Sample } from './events.ts'
import type { Bench } from './learner.ts'

/** The last turn of what is asked. */
export const lastTurn = (asked: Text): string => (typeof asked === 'string' ? asked : (asked.at(-1)?.content ?? ''))

/** The first few prompts, no two of them alike, of the held-out rows or, without any, of those trained on. */
function promptsOf({ lines, evalLines, settings }: Bench): Text[] {
  const prompts = new Map<string, Text>()
  for (const line of evalLines.length ? evalLines : lines) {
    if (prompts.size === settings.samples) break
    const { prompt } = promptRow(line)
    prompts.set(JSON.stringify(prompt), prompt)
  }
  return [...prompts.values()]
}

/** Undefined where there is nothing to read: none are asked for, or the model gives scores, not words. */
export function answersOf(bench: Bench): (() => Promise<Sample[]>) | undefined {
  const { session, settings, text, reward } = bench
  if (!settings.samples || session.head !== 'lm') return undefined
  const prompts = promptsOf(bench)
  const room = Math.max(1, Math.min(settings.maxLength, session.config.maxPositions) - settings.maxTokens)
  const ids = prompts.map((prompt) => encodePrompt(text, prompt).slice(-room))
  const maxTokens = Math.min(settings.maxTokens, session.config.maxPositions - 1)
  return async () => {
    const decoder = await bench.decoder()
    const stopTokenIds = [...text.endIds]
    const completions = await decoder.generate(ids, { maxTokens, temperature: 0, seed: 0, stopTokenIds })
    const texts = completions.map(({ tokens }) => text.decode(tokens))
    const scores = await reward?.(prompts.map((prompt, i) => ({ prompt, response: texts[i] })))
    return prompts.map((prompt, i) => ({
      prompt: lastTurn(prompt),
      text: texts[i],
      ...(scores ? { reward: scores[i] } : {}),
    }))
  }
}

/** What the checkers of text find in the answers of both: hints that stand beside their length, and decide nothing. */

import { pii } from '../../checks/index.ts'
import { guessLanguage, isSure, languageChecker } from '../../checks/language.ts'
import { refusal } from '../../checks/refusal.ts'
import { repetition } from '../../checks/repetition.ts'
import { breathe } from '../../platform/breathe.ts'
import { type TextCheck, textChecks } from './contract.ts'
import type { Answers } from './measured.ts'

/** Answers in which something was found, of so many that could be looked at. */
export type TextCounts = Record<TextCheck, { candidate: number; baseline: number; n: number }>

/** So many pairs in a breath: some milliseconds. */
const breath = 8

type Finds = (text: string) => boolean

const refuses: Finds = (text) => refusal.check(text).length > 0
const repeats: Finds = (text) => repetition.check(text).length > 0
const tells: Finds = (text) => pii.check(text).length > 0

/** Whether a text is in another language than its prompt; undefined where that of the prompt cannot be told. */
function strays({ turns }: Answers): Finds | undefined {
  const guess = guessLanguage(turns.map(({ text }) => text).join('\n'))
  if (!guess || !isSure(guess)) return undefined
  const { check } = languageChecker([guess.language])
  return (text) => check(text).length > 0
}

export async function countTexts(answers: readonly Answers[], signal: AbortSignal): Promise<TextCounts> {
  const none = () => ({ candidate: 0, baseline: 0, n: 0 })
  const counts = Object.fromEntries(textChecks.map((check) => [check, none()])) as TextCounts
  for (const [i, one] of answers.entries()) {
    if (i % breath === breath - 1) await breathe()
    signal.throwIfAborted()
    const found: Record<TextCheck, Finds | undefined> = {
      refusal: refuses,
      repetition: repeats,
      language: strays(one),
      personal: tells,
    }
    for (const check of textChecks) {
      const finds = found[check]
      if (!finds) continue
      counts[check].n++
      for (const side of ['candidate', 'baseline'] as const) if (finds(one[side])) counts[check][side]++
    }
  }
  return counts
}

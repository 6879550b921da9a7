/**
 * Dialogues as one text, in the manner of Anthropic's HH data: every turn is introduced by a blank line and the
 * speaker, "\n\nHuman: ..." or "\n\nAssistant: ...". Text before the first speaker is a system turn.
 *
 * One space after the colon belongs to the marker, every other character to the turn, so that parse and print are
 * inverse to each other. (Bai et al. 2022, arXiv:2204.05862; github.com/anthropics/hh-rlhf)
 */
import type { Turn } from './record.ts'

const speaker = { Human: 'user', Assistant: 'assistant' } as const
const nameOf = { user: '\n\nHuman:', assistant: '\n\nAssistant:' } as const
export const assistantMark = nameOf.assistant

/** Splits a transcript into turns. A text without any speaker is one system turn. */
export function parseTranscript(text: string): Turn[] {
  const turns: Turn[] = []
  let role: Turn['role'] = 'system'
  let from = 0
  const close = (to: number) => {
    if (role !== 'system') {
      const start = text.charCodeAt(from) === 32 && from < to ? from + 1 : from
      turns.push({ role, content: text.slice(start, to) })
    } else if (to > from) turns.push({ role, content: text.slice(from, to) })
  }
  // The blank line may be missing at the very start: many copies of the data are trimmed.
  const marks = /(?:^|\n\n)(Human|Assistant):/g
  for (let mark = marks.exec(text); mark; mark = marks.exec(text)) {
    close(mark.index)
    role = speaker[mark[1] as keyof typeof speaker]
    from = marks.lastIndex
  }
  close(text.length)
  return turns
}

export const printTurn = ({ role, content }: Turn): string =>
  role === 'system' ? content : `${nameOf[role]} ${content}`

export const printTranscript = (turns: Turn[]): string => turns.map(printTurn).join('')

/** Whether a text is a transcript, and not one that merely mentions a speaker: a human turn, and after it an answer. */
export function isTranscript(text: string): boolean {
  const human = text.startsWith('Human:') ? 0 : text.indexOf(nameOf.user)
  return human >= 0 && text.includes(nameOf.assistant, human)
}

export const sameTurn = (a: Turn, b: Turn): boolean => a.role === b.role && a.content === b.content

/** Anthropic's HH pairs: two whole transcripts, `chosen` and `rejected`, that share their beginning. */
import { badRow, FormatError } from './errors.ts'
import { chosenAndRejected, withMetadata } from './judged.ts'
import { part, preference } from './pair.ts'
import type { ExportRecord, ImportRecord, Row, RowFormat, RowWriter, Turn } from './record.ts'
import { isTranscript, parseTranscript, printTranscript, printTurn, sameTurn } from './transcript.ts'

/**
 * A model sometimes went on to open a second assistant turn by itself. That is still one response: it keeps its text,
 * marker included, exactly as it was judged.
 */
const response = (turns: Turn[]): { content: string } => ({
  content: turns[0]!.content + turns.slice(1).map(printTurn).join(''),
})

/** Reads two transcripts as one comparison; `line` and `metadata` are passed through. */
export function readPair(chosen: string, rejected: string, line: number, metadata: Row): ImportRecord {
  const parted = part(transcript(chosen, 'chosen'), transcript(rejected, 'rejected'))
  return preference(line, parted.prompt, response(parted.chosen), response(parted.rejected), metadata)
}

function transcript(text: string, side: string): Turn[] {
  const turns = parseTranscript(text)
  if (turns.every(({ role }) => role === 'system')) badRow('has no "Human:" and "Assistant:" turns', side)
  return turns
}

/** The two transcripts of a record, or `not_expressible`: they have no way to quote a speaker's mark inside a turn. */
export function writePair({ prompt, responses, judgement }: Pick<ExportRecord, 'prompt' | 'responses' | 'judgement'>): {
  chosen: string
  rejected: string
} {
  const pair = chosenAndRejected({ responses, judgement })
  const beginning = printTranscript(prompt)
  const whole = (content: string) => beginning + printTurn({ role: 'assistant', content })
  const texts = { chosen: whole(pair.chosen.content), rejected: whole(pair.rejected.content) }
  if (!isTranscript(texts.chosen) || !survives(prompt, pair.chosen.content, pair.rejected.content, texts))
    throw new FormatError('not_expressible', 'a transcript cannot say where these turns begin and end', {
      hint: 'Export it as trl-preference-conversational, which keeps turns apart.',
    })
  return texts
}

/** Reading back is the proof; it is run only on what could be misread. */
function survives(
  prompt: Turn[],
  chosen: string,
  rejected: string,
  texts: { chosen: string; rejected: string },
): boolean {
  const marked = (text: string) => /(?:Human|Assistant):/.test(text)
  const plain = prompt.length > 0 && prompt.every(({ role, content }) => role !== 'system' && !marked(content))
  if (plain && !marked(chosen) && !marked(rejected)) return true
  try {
    const back = readPair(texts.chosen, texts.rejected, 0, {})
    const samePrompt =
      back.prompt.length === prompt.length && back.prompt.every((turn, i) => sameTurn(turn, prompt[i]!))
    return samePrompt && back.responses[0]!.content === chosen && back.responses[1]!.content === rejected
  } catch {
    return false
  }
}

export const hh: RowFormat = {
  name: 'hh',
  title: 'Anthropic HH transcripts',
  extensions: ['.jsonl', '.jsonl.gz'],
  sniff: (rows) =>
    rows.length > 0 &&
    rows.every(
      ({ chosen, rejected, prompt }) =>
        prompt === undefined &&
        typeof chosen === 'string' &&
        typeof rejected === 'string' &&
        isTranscript(chosen) &&
        isTranscript(rejected),
    ),
  read({ chosen, rejected, ...metadata }, line) {
    if (typeof chosen !== 'string') return badRow('must be a text', 'chosen')
    if (typeof rejected !== 'string') return badRow('must be a text', 'rejected')
    return readPair(chosen, rejected, line, metadata)
  },
}

export const hhWriter: RowWriter = {
  name: 'hh',
  title: 'Anthropic HH transcripts',
  columns: [
    { name: 'chosen', type: 'string' },
    { name: 'rejected', type: 'string' },
  ],
  write: (record) => withMetadata(writePair(record), record),
}

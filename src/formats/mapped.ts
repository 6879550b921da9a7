/** Foreign tables and JSON rows whose columns the user has named: which one is the prompt, which are responses, which says what was better. */
import { badRow, FormatError } from './errors.ts'
import { judgementOf, verdictOf } from './judgement.ts'
import { readCompletion, readMessages } from './messages.ts'
import { readPromptText } from './prompt.ts'
import type { ImportRecord, Judgement, Mapping, Response, Row, Turn } from './record.ts'

/** Throws `bad_mapping` where the mapping is at odds with itself or with the columns of the file. */
export function checkMapping(mapping: Mapping, columns: string[]): void {
  const { prompt, responses, preferred } = mapping
  const wanted = columnsOf(mapping)
  if (asList(prompt).length === 0)
    throw new FormatError('bad_mapping', 'The mapping names no prompt column.', { where: 'prompt' })
  if (preferred && responses.length !== 2)
    throw new FormatError('bad_mapping', 'A column can say which of two responses is better, and no other number.', {
      where: preferred.column,
      hint: 'Name two columns of responses.',
    })
  const twice = wanted.find((name, i) => wanted.indexOf(name) < i)
  if (twice !== undefined)
    throw new FormatError('bad_mapping', `The mapping uses the column "${twice}" twice.`, { where: twice })
  const missing = wanted.find((name) => !columns.includes(name))
  if (missing !== undefined)
    throw new FormatError('bad_mapping', `The file has no column "${missing}".`, {
      where: missing,
      hint: `Its columns are: ${columns.join(', ')}.`,
    })
}

const columnsOf = ({ prompt, responses, preferred, strength }: Mapping): string[] => [
  ...asList(prompt),
  ...responses,
  ...(preferred ? [preferred.column] : []),
  ...(strength === undefined ? [] : [strength]),
]

const asList = (names: string | string[]): string[] => (typeof names === 'string' ? [names] : names)

/** One row under a mapping. A response column that is absent or null in this row has no response. */
export function readMapped(row: Row, line: number, mapping: Mapping): ImportRecord {
  const taken = new Set(columnsOf(mapping))
  const responses: Response[] = []
  for (const name of mapping.responses) {
    const value = row[name]
    if (value === undefined || value === null) continue
    // Where a model answered "42" or "true", careless tools have written the number or the truth value.
    const isScalar = typeof value === 'number' || typeof value === 'boolean'
    responses.push({ content: isScalar ? String(value) : readCompletion(value, name) })
  }
  const metadata = Object.fromEntries(Object.entries(row).filter(([name]) => !taken.has(name)))
  const prompt = readPromptColumns(row, asList(mapping.prompt))
  const judgement = readVerdict(row, mapping, responses.length)
  return judgement ? { line, prompt, responses, judgement, metadata } : { line, prompt, responses, metadata }
}

function readVerdict(row: Row, { responses, preferred, strength }: Mapping, count: number): Judgement | undefined {
  const value = preferred && row[preferred.column]
  if (!preferred || value === undefined || value === null || value === '') return undefined
  const { column, means = {} } = preferred
  if (typeof value === 'object') return badRow('must be a text or a number', column)
  if (count !== 2) badRow(`says which of two responses is better, but the row has ${count}`, column)
  const said = String(value)
  const verdict = Object.hasOwn(means, said) ? means[said] : verdictOf(said, responses)
  if (verdict === undefined)
    return badRow(`is "${said.slice(0, 60)}": the mapping does not say what that means`, column)
  return judgementOf(verdict, strength === undefined ? undefined : row[strength], strength ?? column)
}

function readPromptColumns(row: Row, names: string[]): Turn[] {
  if (names.length === 1) {
    const value = row[names[0]!]
    if (value === undefined || value === null) badRow('is missing', names[0])
    if (typeof value !== 'string') return readMessages(value, names[0]!)
  }
  const texts = names.map((name) => {
    const value = row[name] ?? ''
    return typeof value === 'string' ? value : badRow('must be a text', name)
  })
  const text = texts.filter((part) => part !== '').join('\n\n')
  return text === '' ? badRow('is empty', names.join(', ')) : readPromptText(text).turns
}

/** Foreign tables and JSON rows whose columns the user has named: which one is the prompt, which are responses. */
import { badRow, FormatError } from './errors.ts'
import { readCompletion, readMessages } from './messages.ts'
import { readPromptText } from './prompt.ts'
import type { ImportRecord, Mapping, Response, Row, Turn } from './record.ts'

/** Throws `bad_mapping` where the mapping is at odds with itself or with the columns of the file. */
export function checkMapping({ prompt, responses }: Mapping, columns: string[]): void {
  const wanted = [...asList(prompt), ...responses]
  if (asList(prompt).length === 0)
    throw new FormatError('bad_mapping', 'The mapping names no prompt column.', { where: 'prompt' })
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

const asList = (names: string | string[]): string[] => (typeof names === 'string' ? [names] : names)

/** One row under a mapping. A response column that is absent or null in this row has no response. */
export function readMapped(row: Row, line: number, mapping: Mapping): ImportRecord {
  const taken = new Set([...asList(mapping.prompt), ...mapping.responses])
  const responses: Response[] = []
  for (const name of mapping.responses) {
    const value = row[name]
    if (value === undefined || value === null) continue
    // Where a model answered "42" or "true", careless tools have written the number or the truth value.
    const isScalar = typeof value === 'number' || typeof value === 'boolean'
    responses.push({ content: isScalar ? String(value) : readCompletion(value, name) })
  }
  const metadata = Object.fromEntries(Object.entries(row).filter(([name]) => !taken.has(name)))
  return { line, prompt: readPromptColumns(row, asList(mapping.prompt)), responses, metadata }
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

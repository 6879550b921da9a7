/** Looks at every text of a file, row by row, and tells what was found and where; personal data is never repeated. */
import { createReadStream, existsSync } from 'node:fs'
import { basename } from 'node:path'
import { isProblem } from '../../formats/record.ts'
import { readRows } from '../../formats/rows.ts'
import { exitCode, print } from '../../platform/command.ts'
import { fail } from '../../platform/errors.ts'
import type { CheckFlags } from '../cli.ts'
import { type Checker, checkers, languageChecker, patternChecker } from '../index.ts'

interface Found {
  line: number
  /** Where in the row: `prompt`, `chosen[1].content`. */
  column: string
  /** UTF-16 offsets into that text. */
  start: number
  end: number
  kind: string
  note?: string
  text: string
}

interface Result {
  rows: number
  texts: number
  counts: Record<string, number>
  findings: Found[]
  /** Rows that could not be read. */
  problems: { line: number; reason: string }[]
}

function checkersFor({ for: names, languages, pattern = [] }: CheckFlags): Checker[] {
  const named = names.map(
    (name) =>
      checkers.find((checker) => checker.name === name) ??
      fail('bad_input', `There is no checker ${name}.`, {
        where: '--for',
        hint: `One of ${checkers.map((checker) => checker.name).join(', ')}.`,
      }),
  )
  return [
    ...named,
    ...(languages ? [languageChecker(languages)] : []),
    ...pattern.map((one) => patternChecker(one, one)),
  ]
}

/** Texts of a row, however deep they lie. */
function* textsOf(value: unknown, column: string): Generator<{ column: string; text: string }> {
  if (typeof value === 'string') yield { column, text: value }
  else if (Array.isArray(value)) for (const [i, inner] of value.entries()) yield* textsOf(inner, `${column}[${i}]`)
  else if (value && typeof value === 'object')
    for (const [key, inner] of Object.entries(value)) yield* textsOf(inner, column ? `${column}.${key}` : key)
}

/** What says nothing of a person may be shown as it stands. */
const harmless = new Set(['loop', 'repeated_line', 'refusal', 'other_language'])
const shownLength = 60

function shown(kind: string, text: string): string {
  const part = text.length > shownLength ? `${text.slice(0, shownLength)}…` : text
  if (harmless.has(kind)) return part.replaceAll(/\s+/g, ' ')
  return part.replaceAll(/\p{N}/gu, '9').replaceAll(/\p{L}/gu, 'x')
}

export async function run(file: string, flags: CheckFlags): Promise<void> {
  const used = checkersFor(flags)
  if (!existsSync(file)) fail('bad_input', 'There is no such file.', { where: file })
  const result: Result = { rows: 0, texts: 0, counts: {}, findings: [], problems: [] }
  for await (const items of readRows(createReadStream(file), { fileName: basename(file), assumed: 'csv' }))
    for (const item of items) {
      if (isProblem(item)) {
        result.problems.push({ line: item.line, reason: item.reason })
        continue
      }
      result.rows++
      for (const { column, text } of textsOf(item.row, '')) {
        result.texts++
        for (const { check } of used)
          for (const { kind, start, end, note } of check(text)) {
            result.counts[kind] = (result.counts[kind] ?? 0) + 1
            const found = { line: item.line, column, start, end, kind, note }
            result.findings.push({ ...found, text: shown(kind, text.slice(start, end)) })
          }
      }
    }
  if (result.findings.length) process.exitCode = exitCode.negative
  if (!result.rows && result.problems.length)
    fail('bad_input', `The file cannot be read: ${result.problems[0]!.reason}.`, { where: file })
  print(result, flags.json, summary)
}

const summary = ({ rows, texts, counts, findings, problems }: Result): string =>
  [
    ...findings.map(
      ({ line, column, kind, note, text }) => `line ${line}, ${column}: ${kind}${note ? ` (${note})` : ''}  ${text}`,
    ),
    ...problems.map(({ line, reason }) => `line ${line} could not be read: ${reason}`),
    `${rows} rows, ${texts} texts: ${
      Object.entries(counts)
        .map(([kind, n]) => `${kind.replaceAll('_', ' ')} ${n}`)
        .join(', ') || 'nothing found'
    }`,
  ].join('\n')

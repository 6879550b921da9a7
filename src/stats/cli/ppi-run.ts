/** What `stats ppi` does: reads labels of people and of a judge, prints the estimate beside that of the people alone. */
import { writeFileSync } from 'node:fs'
import { print } from '../../platform/command.ts'
import { codesOf } from '../agreement/ratings.ts'
import { refuse } from '../errors.ts'
import { type PpiData, stratifiedPpiMean } from '../evaluation/ppi.ts'
import { ppiBradleyTerry } from '../evaluation/ppi-preference.ts'
import type { PpiFlags } from './ppi.ts'
import { type Columns, parseColumns, readColumns } from './read.ts'
import { csv, decimals, method, textTable } from './show.ts'

const names = { human: 'human', judge: 'judge', stratum: 'stratum', left: 'left', right: 'right' }
type Name = keyof typeof names

interface Row {
  of: string
  estimate?: number
  se?: number
  low?: number
  high?: number
  n?: number
  others?: number
  lambda?: number
  undefined?: string
}

export async function run(file: string, flags: PpiFlags): Promise<void> {
  const confidence = Number(flags.confidence)
  if (!(confidence > 0 && confidence < 1))
    refuse('The coverage must lie between 0 and 1.', { where: '--confidence', hint: 'Write 0.95 for 95%.' })
  const mapped = parseColumns(flags.columns, names)
  const columns = readColumns<Name>(file, mapped, { optional: ['stratum', 'left', 'right'], mayBeEmpty: ['human'] })
  const of = (name: 'human' | 'judge') =>
    Float64Array.from(columns.values[name], (text, row) =>
      text === '' ? Number.NaN : labelValue(text, columns, row, mapped[name]),
    )
  const human = of('human')
  const judge = of('judge')
  const paired = columns.values.left.length > 0 && columns.values.right.length > 0
  const rows = paired ? ofModels(columns, human, judge, confidence) : ofMean(columns, human, judge, confidence)
  if (flags.out)
    writeFileSync(
      flags.out,
      csv([
        ['of', 'estimate', 'se', 'low', 'high', 'n', 'others', 'lambda', 'undefined'],
        ...rows.map((row) => [
          row.of,
          ...[row.estimate, row.se, row.low, row.high, row.n, row.others, row.lambda, row.undefined].map(
            (cell) => cell ?? '',
          ),
        ]),
      ]),
    )
  print({ estimates: rows, confidence, ...method('ppi') }, flags.json, () =>
    textTable(
      ['of', 'estimate', 'se', 'low', 'high', 'human', 'judge alone', 'lambda'],
      rows.map((row) =>
        row.undefined !== undefined
          ? [row.of, `undefined: ${row.undefined}`]
          : [
              row.of,
              ...[row.estimate, row.se, row.low, row.high].map((value) => decimals(value, 4)),
              String(row.n ?? ''),
              String(row.others ?? ''),
              decimals(row.lambda),
            ],
      ),
    ),
  )
}

const words: Record<string, number> = { yes: 1, true: 1, left: 1, no: 0, false: 0, right: 0, tie: 0.5 }

function labelValue(text: string, columns: Columns<Name>, row: number, column: string): number {
  const value = words[text.toLowerCase()] ?? Number(text)
  if (!Number.isFinite(value))
    refuse(`A number, yes or no, or left, right or tie was expected, found "${text}".`, {
      where: `${columns.file}, line ${columns.lines[row]}, column ${column}`,
    })
  return value
}

function ofMean(
  { values, length }: Columns<Name>,
  human: Float64Array,
  judge: Float64Array,
  confidence: number,
): Row[] {
  const stratum =
    values.stratum.length > 0 ? codesOf(values.stratum) : { codes: new Int32Array(length), names: ['all'] }
  const data = stratum.names.map((_, s): PpiData => {
    const rows = [...stratum.codes.keys()].filter((row) => stratum.codes[row] === s)
    const labelled = rows.filter((row) => !Number.isNaN(human[row]!))
    return {
      human: Float64Array.from(labelled, (row) => human[row]!),
      judge: Float64Array.from(labelled, (row) => judge[row]!),
      others: Float64Array.from(
        rows.filter((row) => Number.isNaN(human[row]!)),
        (row) => judge[row]!,
      ),
    }
  })
  const found = stratifiedPpiMean(data, confidence)
  if ('undefined' in found) return [{ of: 'all', undefined: found.undefined }]
  const { strata, humanOnly, ...whole } = found
  const [only] = strata
  return [
    { of: 'all', ...whole, ...(strata.length === 1 ? { lambda: only!.lambda } : {}) },
    { of: 'people alone', ...humanOnly, n: whole.n },
    ...(strata.length > 1
      ? strata.map(({ estimate, lambda, n }, s) => ({
          of: stratum.names[s]!,
          estimate,
          lambda,
          n,
          others: data[s]!.others.length,
        }))
      : []),
  ]
}

function ofModels({ values }: Columns<Name>, human: Float64Array, judge: Float64Array, confidence: number): Row[] {
  const { codes, names: models } = codesOf([...values.left, ...values.right])
  const left = codes.subarray(0, values.left.length)
  const right = codes.subarray(values.left.length)
  const pick = (labelled: boolean) => {
    const rows = [...human.keys()].filter((row) => Number.isNaN(human[row]!) !== labelled)
    return {
      left: Int32Array.from(rows, (row) => left[row]!),
      right: Int32Array.from(rows, (row) => right[row]!),
      human: Float64Array.from(rows, (row) => human[row]!),
      judge: Float64Array.from(rows, (row) => judge[row]!),
    }
  }
  const found = ppiBradleyTerry(models.length, pick(true), pick(false), confidence)
  if ('undefined' in found) return [{ of: 'all', undefined: found.undefined }]
  return found.scores.map(({ score, ...rest }, k) => ({
    of: models[k]!,
    estimate: score,
    ...rest,
    n: found.n,
    others: found.others,
    lambda: found.lambda,
  }))
}

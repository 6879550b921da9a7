/** `stats agreement FILE --layout spans`: one row a marked span; a row without start says that the worker marked nothing. */
import { codesOf } from '../agreement/ratings.ts'
import { type Span, spanAgreement } from '../agreement/spans.ts'
import { unitizingAlpha } from '../agreement/unitizing-alpha.ts'
import { refuse } from '../errors.ts'
import { type Columns, numberAt, parseColumns, readColumns } from './read.ts'

const names = { item: 'item', worker: 'worker', start: 'start', end: 'end', label: 'label', length: 'length' }
type Name = keyof typeof names

export type SpanRow = { coefficient: string } & (
  | { estimate: number; low?: number; high?: number; items: number; raters: number }
  | { undefined: string }
)

export function spanRows(
  file: string,
  flags: { columns?: string },
  seed: number,
  confidence: number,
): { rows: SpanRow[]; spans: number } {
  const mapped = parseColumns(flags.columns, names)
  const columns = readColumns<Name>(file, mapped, { optional: ['length'], mayBeEmpty: ['start', 'end', 'label'] })
  const { codes: item, names: items } = codesOf(columns.values.item)
  const { codes: worker, names: workers } = codesOf(columns.values.worker)
  const annotators = items.map(() => new Set<number>())
  const spans: Span[] = []
  for (let row = 0; row < columns.length; row++) {
    annotators[item[row]!]!.add(worker[row]!)
    if (columns.values.start[row] === '' && columns.values.end[row] === '') continue
    const start = numberAt(columns, 'start', row, mapped.start)
    const end = numberAt(columns, 'end', row, mapped.end)
    if (!(Number.isInteger(start) && Number.isInteger(end) && start >= 0 && end > start))
      refuse(`A span from ${start} to ${end} is none: whole numbers, the end after the start.`, {
        where: `${file}, line ${columns.lines[row]}, column ${mapped.end}`,
      })
    spans.push({ item: item[row]!, annotator: worker[row]!, start, end, label: columns.values.label[row]! })
  }
  const raters = workers.length
  const found = spanAgreement(
    spans,
    annotators.map((own) => [...own]),
    { seed, confidence },
  )
  const scores = (['exact', 'overlap', 'characters'] as const).map((name): SpanRow => {
    const coefficient = `span F1, ${name}`
    return 'undefined' in found
      ? { coefficient, undefined: found.undefined }
      : { coefficient, ...found[name], items: found.items, raters }
  })
  const alphas =
    columns.values.length.length > 0 ? alphaRows(columns, item, annotators, spans, raters, mapped.length) : []
  return { rows: [...scores, ...alphas], spans: spans.length }
}

/** Unitising alpha of each label over the texts laid end to end, which needs the same workers on all of them. */
function alphaRows(
  columns: Columns<Name>,
  item: Int32Array,
  annotators: readonly ReadonlySet<number>[],
  spans: readonly Span[],
  raters: number,
  column: string,
): SpanRow[] {
  const lengths = new Float64Array(annotators.length)
  for (let row = 0; row < columns.length; row++) {
    const length = numberAt(columns, 'length', row, column)
    const before = lengths[item[row]!]!
    if (before !== 0 && before !== length)
      refuse(`Item ${columns.values.item[row]} has the length ${length} here and ${before} before.`, {
        where: `${columns.file}, line ${columns.lines[row]}, column ${column}`,
      })
    lengths[item[row]!] = length
  }
  for (const span of spans)
    if (span.end > lengths[span.item]!)
      refuse(`A span ends at ${span.end}, its text at ${lengths[span.item]}.`, { where: columns.file })
  const from = new Float64Array(annotators.length)
  for (let i = 1; i < from.length; i++) from[i] = from[i - 1]! + lengths[i - 1]!
  const whole = lengths.reduce((sum, own) => sum + own, 0)
  return [...new Set(spans.map((span) => span.label))].map((label): SpanRow => {
    const coefficient = `unitising alpha, ${label || 'span'}`
    if (annotators.some((own) => own.size !== raters))
      return { coefficient, undefined: 'not every worker worked on every item' }
    const own = spans
      .filter((span) => span.label === label)
      .map(({ annotator, start, end, item: at }) => ({ annotator, start: start + from[at]!, end: end + from[at]! }))
    const found = unitizingAlpha(own, raters, whole)
    return 'undefined' in found
      ? { coefficient, undefined: found.undefined }
      : { coefficient, estimate: found.alpha, items: annotators.length, raters }
  })
}

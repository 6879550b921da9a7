/** How a table's filters, sort and page stand in the address. Pure. */
import type { Address } from './address.ts'

export interface Sort {
  key: string
  descending: boolean
}

export interface Option {
  value: string
  label: string
}

/** How a column can be narrowed: by a text that it contains, or to some of a few values. */
export type Filter = { kind: 'text' } | { kind: 'choice'; options: readonly Option[] }

/** What a page of rows is asked for with. */
export interface TableQuery {
  sort?: Sort
  /** Column key to value; only filters that are set. Several choices of one column are joined by commas. */
  filters: Readonly<Record<string, string>>
  /** Where the page begins, as the page before gave it in `next`. */
  cursor?: string
  limit: number
}

/** `-created` is newest first; `created` oldest first. */
export function parseSort(text: string | undefined): Sort | undefined {
  if (!text) return undefined
  return text.startsWith('-') ? { key: text.slice(1), descending: true } : { key: text, descending: false }
}

export const writeSort = (sort: Sort | undefined): string | undefined =>
  sort && (sort.descending ? `-${sort.key}` : sort.key)

/** Unsorted, ascending, descending, unsorted. */
export function nextSort(sort: Sort | undefined, key: string): Sort | undefined {
  if (sort?.key !== key) return { key, descending: false }
  return sort.descending ? undefined : { key, descending: true }
}

/** Parameters `sort`, `after`, `row` and one for each filter, with a prefix where a page holds two tables. */
export function tableNames(prefix = '') {
  return {
    sort: `${prefix}sort`,
    after: `${prefix}after`,
    row: `${prefix}row`,
    filter: (key: string) => `${prefix}${key}`,
  }
}

/** Of a choice, what can be chosen: what else an old link says could be neither seen nor taken back. */
const chosen = (value: string, options: readonly { value: string }[]): string =>
  value
    .split(',')
    .filter((one) => options.some((option) => option.value === one))
    .join(',')

/** Options that are not all known here, or not yet, with what the address has chosen: a link would show every row else. */
export function withChosen(options: readonly Option[], said: string | undefined, labelOf: (value: string) => string) {
  const others = said?.split(',').filter((one) => one && !options.some(({ value }) => value === one)) ?? []
  return [...options, ...others.map((value) => ({ value, label: labelOf(value) }))]
}

/** A sort by a column that is not there, or cannot sort, is dropped, and so is a choice that is none: an old link still opens. */
export function readQuery(
  address: Address,
  columns: readonly { key: string; sortable?: boolean; filter?: Filter }[],
  { prefix, limit, sort }: { prefix?: string; limit: number; sort?: Sort },
): TableQuery {
  const names = tableNames(prefix)
  const filters: Record<string, string> = {}
  for (const { key, filter } of columns) {
    const said = filter && address[names.filter(key)]
    const value = said && filter.kind === 'choice' ? chosen(said, filter.options) : said
    if (value) filters[key] = value
  }
  const wanted = parseSort(address[names.sort])
  const known = columns.some((column) => column.sortable && column.key === wanted?.key)
  return { sort: known ? wanted : sort, filters, cursor: address[names.after] || undefined, limit }
}

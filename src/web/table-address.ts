/** How a table's filters, sort and page stand in the address. Pure. */
import type { Address } from './address.ts'

export interface Sort {
  key: string
  descending: boolean
}

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

/** A sort by a column that is not there, or cannot sort, is dropped: an old link still opens. */
export function readQuery(
  address: Address,
  columns: readonly { key: string; sortable?: boolean; filter?: unknown }[],
  { prefix, limit, sort }: { prefix?: string; limit: number; sort?: Sort },
): TableQuery {
  const names = tableNames(prefix)
  const filters: Record<string, string> = {}
  for (const { key, filter } of columns) {
    const value = filter ? address[names.filter(key)] : undefined
    if (value) filters[key] = value
  }
  const wanted = parseSort(address[names.sort])
  const known = columns.some((column) => column.sortable && column.key === wanted?.key)
  return { sort: known ? wanted : sort, filters, cursor: address[names.after] || undefined, limit }
}

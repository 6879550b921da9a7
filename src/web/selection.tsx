/** Rows picked from a table, to act on several at once. */
import { Checkbox } from '@mantine/core'
import { useMemo, useState } from 'react'
import type { Column } from './table.tsx'

export interface Selection<Row> {
  /** Another array whenever what is picked changes, and only then. */
  keys: string[]
  clear(): void
  /** Stands first among the columns; over it, the box that picks all rows of the page or none of them. */
  column: Column<Row>
}

/** `labelOf` names a row for those who hear the page: "Pick How do I bake bread?". */
export function useSelection<Row>(keyOf: (row: Row) => string, labelOf: (row: Row) => string): Selection<Row> {
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set())
  return useMemo(() => {
    const set = (keys: readonly string[], pick: boolean) => {
      const next = new Set(picked)
      for (const key of keys) pick ? next.add(key) : next.delete(key)
      setPicked(next)
    }
    const pickPage = (rows: readonly Row[]) => {
      const keys = rows.map(keyOf)
      const here = keys.filter((key) => picked.has(key)).length
      const isAll = here > 0 && here === keys.length
      return (
        <Checkbox
          size="xs"
          aria-label="Pick all on this page"
          checked={isAll}
          indeterminate={here > 0 && !isAll}
          onChange={() => set(keys, !isAll)}
        />
      )
    }
    return {
      keys: [...picked],
      clear: () => setPicked(new Set()),
      column: {
        key: 'pick',
        header: 'Pick',
        width: '3rem',
        control: pickPage,
        cell: (row) => (
          <Checkbox
            size="xs"
            aria-label={`Pick ${labelOf(row).slice(0, 60)}`}
            checked={picked.has(keyOf(row))}
            onChange={(event) => set([keyOf(row)], event.currentTarget.checked)}
          />
        ),
      },
    }
  }, [picked, keyOf, labelOf])
}

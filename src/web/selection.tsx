/** Rows picked from a table, to act on several at once. */
import { Checkbox } from '@mantine/core'
import { useMemo, useState } from 'react'
import type { Column } from './table.tsx'

export interface Selection<Row> {
  keys: string[]
  clear(): void
  /** Stands first among the columns. */
  column: Column<Row>
}

/** `labelOf` names a row for those who hear the page: "Pick How do I bake bread?". */
export function useSelection<Row>(keyOf: (row: Row) => string, labelOf: (row: Row) => string): Selection<Row> {
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set())
  return useMemo(() => {
    const toggle = (key: string) => {
      const next = new Set(picked)
      if (!next.delete(key)) next.add(key)
      setPicked(next)
    }
    return {
      keys: [...picked],
      clear: () => setPicked(new Set()),
      column: {
        key: 'pick',
        header: 'Pick',
        width: '3rem',
        cell: (row) => (
          <Checkbox
            size="xs"
            aria-label={`Pick ${labelOf(row).slice(0, 60)}`}
            checked={picked.has(keyOf(row))}
            onChange={() => toggle(keyOf(row))}
          />
        ),
      },
    }
  }, [picked, keyOf, labelOf])
}

/** A table over any number of rows: the server pages by key, so that only one page is ever here. */
import { Button, Table as Grid, Group, Text, VisuallyHidden } from '@mantine/core'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { useAddress } from './address.ts'
import { plural } from './numbers.ts'
import { useRemembered } from './remembered.ts'
import { Empty, Pending } from './states.tsx'
import classes from './table.module.css'
import { type Filter, nextSort, readQuery, type Sort, type TableQuery, tableNames, writeSort } from './table-address.ts'
import { TableControls } from './table-controls.tsx'
import { TableExport } from './table-export.tsx'

export type { Sort, TableQuery } from './table-address.ts'

export interface Column<Row> {
  key: string
  header: string
  cell: (row: Row) => ReactNode
  /** What an export says in its place; without it the row's field of this name, or the cell where it is plain text. */
  text?: (row: Row) => unknown
  /** Figures stand right-aligned. */
  numeric?: boolean
  sortable?: boolean
  filter?: Filter
  /** Not shown until chosen. */
  hidden?: boolean
  /** Stands over a column that holds no data but what acts on rows: it is always there, and in no export. */
  control?: (rows: readonly Row[]) => ReactNode
  /** CSS length it is never narrower than (5rem for figures, 9rem for anything else); a narrow window scrolls the table. */
  width?: string
}

export interface RowPage<Row> {
  rows: readonly Row[]
  /** The cursor of the next page; absent on the last. */
  next?: string | null
}

interface TableProps<Row> {
  /** Under which choice of columns and saved filters are remembered. */
  name: string
  /** What the rows are, in the plural: "Prompts". */
  label: string
  columns: readonly Column<Row>[]
  rowKey: (row: Row) => string
  /** Everything the rows depend on beside the table's own query: `['tasks', projectId]`. */
  queryKey: readonly unknown[]
  load: (query: TableQuery & { signal: AbortSignal }) => Promise<RowPage<Row>>
  onOpen?: (row: Row) => void
  /** The place without a single row, unfiltered. */
  empty?: ReactNode
  /** Order without a choice of the person's. */
  sort?: Sort
  limit?: number
  /** Set apart the parameters of a second table on one page. */
  prefix?: string
}

/** Rows a page that every list of the API gives. */
const mostAtOnce = 200

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')

export function Table<Row>(props: TableProps<Row>) {
  const { name, label, columns, rowKey, queryKey, load, onOpen, empty, sort, limit = 50, prefix } = props
  const [address, setAddress] = useAddress()
  const names = tableNames(prefix)
  const query = readQuery(address, columns, { prefix, limit, sort })
  const choosable = columns.filter((column) => !column.control)
  const standard = choosable.filter((column) => !column.hidden).map((column) => column.key)
  const [chosen, choose] = useRemembered(`${name}:columns`, standard, isStrings)
  const shown = columns.filter((column) => column.control || chosen.includes(column.key))
  // A page knows only the one after it; the way back is remembered as long as the person stays here.
  const [trail, setTrail] = useState<(string | undefined)[]>([])

  const { data, error, isPlaceholderData, refetch } = useQuery({
    queryKey: [...queryKey, query],
    queryFn: ({ signal }) => load({ ...query, signal }),
    placeholderData: keepPreviousData,
  })
  const rows = data?.rows ?? []
  const filtered = Object.keys(query.filters).length > 0

  const change = (changes: Record<string, string | undefined>, replace = false) => {
    setTrail([])
    setAddress({ ...changes, [names.after]: undefined, [names.row]: undefined }, { replace })
  }
  const forward = () => {
    if (!data?.next || isPlaceholderData) return
    setTrail([...trail, query.cursor])
    setAddress({ [names.after]: data.next, [names.row]: undefined })
  }
  const back = () => {
    setTrail(trail.slice(0, -1))
    setAddress({ [names.after]: trail.at(-1), [names.row]: undefined })
  }

  return (
    <section aria-label={label}>
      <TableControls
        name={name}
        columns={choosable}
        chosen={chosen}
        onChoose={choose}
        filters={query.filters}
        onFilter={(filters) => {
          const all = columns.filter((column) => column.filter).map(({ key }) => [names.filter(key), filters[key]])
          change(Object.fromEntries(all), true)
        }}
        exporting={
          rows.length > 0 && (
            <TableExport
              name={name}
              columns={shown.filter((column) => !column.control)}
              page={(cursor, signal) => load({ ...query, limit: mostAtOnce, cursor, signal })}
            />
          )
        }
      />
      {!data ? (
        <Pending error={error} onRetry={refetch} what={`Loading ${label.toLowerCase()}`} lines={8} />
      ) : rows.length === 0 && !filtered && !query.cursor ? (
        (empty ?? <Empty title={`No ${label.toLowerCase()} yet`} />)
      ) : (
        <>
          <Rows
            label={label}
            columns={shown}
            rows={rows}
            rowKey={rowKey}
            selected={address[names.row]}
            stale={isPlaceholderData}
            sort={query.sort}
            onSort={(key) => change({ [names.sort]: writeSort(nextSort(query.sort, key)) })}
            onOpen={(row) => {
              setAddress({ [names.row]: rowKey(row) }, { replace: true })
              onOpen?.(row)
            }}
            onForward={data?.next && !isPlaceholderData ? forward : undefined}
            onBack={trail.length || query.cursor ? back : undefined}
          />
          {rows.length === 0 && (
            <Group my="md">
              <Text>Nothing matches these filters.</Text>
              <Button
                size="xs"
                variant="default"
                onClick={() => change(Object.fromEntries(columns.map(({ key }) => [names.filter(key), undefined])))}
              >
                Clear filters
              </Button>
            </Group>
          )}
          <Group justify="space-between" mt="sm">
            <Text size="sm" c="dimmed" role="status">
              {plural(rows.length, 'row')} on this page{data?.next ? ', more follow' : ''}
            </Text>
            <Group gap="xs">
              <Button size="xs" variant="default" onClick={back} disabled={!query.cursor}>
                {trail.length || !query.cursor ? 'Previous' : 'First page'}
              </Button>
              <Button size="xs" variant="default" onClick={forward} disabled={!data?.next || isPlaceholderData}>
                Next
              </Button>
            </Group>
          </Group>
        </>
      )}
    </section>
  )
}

interface RowsProps<Row> extends Pick<TableProps<Row>, 'label' | 'columns' | 'rowKey'> {
  rows: readonly Row[]
  selected: string | undefined
  stale: boolean
  sort: Sort | undefined
  onSort: (key: string) => void
  onOpen: (row: Row) => void
  onForward: (() => void) | undefined
  onBack: (() => void) | undefined
}

/** One stop of the Tab key; arrows, Home and End walk the rows, Page Up and Down turn pages, Enter opens. */
function Rows<Row>(props: RowsProps<Row>) {
  const { label, columns, rows, rowKey, selected, stale, sort, onSort, onOpen, onForward, onBack } = props
  const body = useRef<HTMLTableSectionElement>(null)
  const [focused, setFocused] = useState(0)
  const at = Math.min(focused, rows.length - 1)
  const turning = useRef(false)
  // The row that turned the page goes with it, and the focus with the row: the first of the new ones takes it.
  useEffect(() => {
    if (!turning.current || stale || !rows.length) return
    turning.current = false
    if (document.activeElement === document.body) body.current?.querySelector<HTMLElement>(':scope > tr')?.focus()
  }, [rows, stale])

  const onKeyDown = (event: KeyboardEvent<HTMLTableRowElement>, index: number) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return
    const focus = (to: number) => {
      const next = Math.max(0, Math.min(rows.length - 1, to))
      setFocused(next)
      body.current?.querySelectorAll<HTMLElement>(':scope > tr')[next]?.focus()
    }
    const acts: Record<string, (() => void) | undefined> = {
      ArrowDown: () => focus(index + 1),
      ArrowUp: () => focus(index - 1),
      Home: () => focus(0),
      End: () => focus(rows.length - 1),
      PageDown: onForward,
      PageUp: onBack,
      Enter: () => onOpen(rows[index]!),
    }
    const act = acts[event.key]
    if (!act) return
    event.preventDefault()
    turning.current = event.key.startsWith('Page')
    act()
  }

  return (
    <div className={classes.scroll} data-stale={stale || undefined}>
      <Grid verticalSpacing={5} horizontalSpacing="sm" highlightOnHover>
        <VisuallyHidden component="caption">{label}</VisuallyHidden>
        <Grid.Thead>
          <Grid.Tr>
            {columns.map((column) => (
              <Grid.Th
                key={column.key}
                scope="col"
                miw={column.width ?? (column.numeric ? '5rem' : '9rem')}
                data-numeric={column.numeric || undefined}
                aria-sort={sort?.key === column.key ? (sort.descending ? 'descending' : 'ascending') : undefined}
              >
                {column.control ? (
                  column.control(rows)
                ) : column.sortable ? (
                  <button type="button" className={classes.sort} onClick={() => onSort(column.key)}>
                    {column.header}
                    {sort?.key === column.key &&
                      (sort.descending ? (
                        <IconArrowDown size={14} aria-hidden />
                      ) : (
                        <IconArrowUp size={14} aria-hidden />
                      ))}
                  </button>
                ) : (
                  column.header
                )}
              </Grid.Th>
            ))}
          </Grid.Tr>
        </Grid.Thead>
        <Grid.Tbody ref={body}>
          {rows.map((row, index) => {
            const key = rowKey(row)
            return (
              <Grid.Tr
                key={key}
                tabIndex={index === at ? 0 : -1}
                aria-current={key === selected || undefined}
                className={classes.row}
                onFocus={() => setFocused(index)}
                onKeyDown={(event) => onKeyDown(event, index)}
                onClick={(event) => {
                  if (!(event.target as Element).closest('a, button, input, label')) onOpen(row)
                }}
              >
                {columns.map((column) => (
                  <Grid.Td key={column.key} data-numeric={column.numeric || undefined}>
                    {column.cell(row)}
                  </Grid.Td>
                ))}
              </Grid.Tr>
            )
          })}
        </Grid.Tbody>
      </Grid>
    </div>
  )
}

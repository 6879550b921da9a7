/** Above a table: its filters, the saved ones, the choice of columns, the export. */
import { Button, Checkbox, Group, MultiSelect, Popover, Stack, Text, TextInput } from '@mantine/core'
import { IconColumns3, IconFilter } from '@tabler/icons-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useRemembered } from './remembered.ts'
import type { Column } from './table.tsx'

type Filters = Readonly<Record<string, string>>

interface TableControlsProps<Row> {
  name: string
  columns: readonly Column<Row>[]
  chosen: readonly string[]
  onChoose: (keys: string[]) => void
  filters: Filters
  onFilter: (filters: Filters) => void
  exporting: ReactNode
}

export function TableControls<Row>(props: TableControlsProps<Row>) {
  const { name, columns, chosen, onChoose, filters, onFilter, exporting } = props
  const set = (key: string, value: string) => {
    const { [key]: _, ...others } = filters
    onFilter(value ? { ...others, [key]: value } : others)
  }
  return (
    <Group gap="xs" mb="sm" align="center">
      {columns.map(({ key, header, filter }) => {
        if (!filter) return null
        if (filter.kind === 'choice')
          return (
            <MultiSelect
              key={key}
              size="xs"
              w="12rem"
              aria-label={`${header} is`}
              placeholder={filters[key] ? undefined : header}
              data={filter.options}
              value={filters[key]?.split(',') ?? []}
              onChange={(values) => set(key, values.join(','))}
              clearable
              clearButtonProps={{ 'aria-label': `Clear ${header}` }}
            />
          )
        return <TextFilter key={key} header={header} value={filters[key] ?? ''} onChange={(value) => set(key, value)} />
      })}
      <SavedFilters name={name} filters={filters} onFilter={onFilter} />
      <div style={{ flex: 1 }} />
      <Popover position="bottom-end">
        <Popover.Target>
          <Button size="xs" variant="default" leftSection={<IconColumns3 size={16} aria-hidden />}>
            Columns
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label="Columns">
          <Checkbox.Group value={[...chosen]} onChange={(keys) => keys.length && onChoose(keys)} label="Columns shown">
            <Stack gap="xs" mt="xs">
              {columns.map(({ key, header }) => (
                <Checkbox key={key} value={key} label={header} size="xs" />
              ))}
            </Stack>
          </Checkbox.Group>
        </Popover.Dropdown>
      </Popover>
      {exporting}
    </Group>
  )
}

/** The address follows 250 ms after the last key, so that each letter is no question to the server. */
function TextFilter({ header, value, onChange }: { header: string; value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value)
  const [known, setKnown] = useState(value)
  const latest = useRef(onChange)
  useEffect(() => {
    latest.current = onChange
  })
  if (known !== value) {
    setKnown(value)
    // What the address says of the text that is being typed is no new text: the space after a word stays.
    if (text.trim() !== value) setText(value)
  }
  useEffect(() => {
    if (text.trim() === value) return
    const timer = setTimeout(() => latest.current(text.trim()), 250)
    return () => clearTimeout(timer)
  }, [text, value])
  return (
    <TextInput
      size="xs"
      w="12rem"
      aria-label={`${header} contains`}
      placeholder={header}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => event.key === 'Enter' && onChange(text.trim())}
    />
  )
}

const isSaved = (value: unknown): value is Record<string, Record<string, string>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function SavedFilters({
  name,
  filters,
  onFilter,
}: {
  name: string
  filters: Filters
  onFilter: (filters: Filters) => void
}) {
  const [saved, setSaved] = useRemembered<Record<string, Record<string, string>>>(`${name}:filters`, {}, isSaved)
  const [title, setTitle] = useState('')
  const [open, setOpen] = useState(false)
  const set = Object.keys(filters).length > 0
  const without = (removed: string) => Object.fromEntries(Object.entries(saved).filter(([each]) => each !== removed))
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-start" width="16rem" trapFocus>
      <Popover.Target>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconFilter size={16} aria-hidden />}
          onClick={() => setOpen(!open)}
        >
          Saved filters
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Saved filters">
        <Stack gap="xs">
          {Object.entries(saved).map(([each, values]) => (
            <Group key={each} justify="space-between" wrap="nowrap" gap="xs">
              <Button
                size="compact-xs"
                variant="subtle"
                onClick={() => {
                  onFilter(values)
                  setOpen(false)
                }}
              >
                {each}
              </Button>
              <Button
                size="compact-xs"
                variant="subtle"
                color="gray"
                aria-label={`Forget ${each}`}
                onClick={() => setSaved(without(each))}
              >
                Forget
              </Button>
            </Group>
          ))}
          {!Object.keys(saved).length && (
            <Text size="sm" c="dimmed">
              {set
                ? 'Name these filters to find them again in this browser.'
                : 'Set a filter first, then keep it here.'}
            </Text>
          )}
          {set && (
            <form
              onSubmit={(event) => {
                event.preventDefault()
                if (!title.trim()) return
                setSaved({ ...saved, [title.trim()]: { ...filters } })
                setTitle('')
              }}
            >
              <Group gap="xs" wrap="nowrap">
                <TextInput
                  size="xs"
                  aria-label="Name of these filters"
                  placeholder="Name"
                  value={title}
                  onChange={(event) => setTitle(event.currentTarget.value)}
                />
                <Button type="submit" size="xs">
                  Save
                </Button>
              </Group>
            </form>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}

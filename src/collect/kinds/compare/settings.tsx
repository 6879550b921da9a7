/** What a comparison asks besides which response is better: aspects, reasons, how sure one is. */
import { ActionIcon, Button, Group, Stack, Switch, TagsInput, TextInput } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { issueWords } from '../issue.ts'
import type { SettingsProps } from '../settings.tsx'
import { type CompareSettings, settings as schema } from './rules.ts'
import classes from './settings.module.css'

const mostAspects = 12

export function Settings({ settings, onChange, disabled }: SettingsProps) {
  const { reasons, askConfidence, requireReason } = settings as CompareSettings
  const set = (change: Partial<CompareSettings>) => onChange({ ...(settings as CompareSettings), ...change })
  return (
    <Stack gap="md">
      <Aspects settings={settings as CompareSettings} onChange={set} disabled={disabled} />
      <TagsInput
        label="Reasons"
        description="What people can tick to say why. Enter adds one."
        maxTags={40}
        disabled={disabled}
        value={reasons}
        onChange={(reasons) => set({ reasons })}
      />
      <Switch
        label="Ask how sure one is, from 1 to 5"
        checked={askConfidence}
        disabled={disabled}
        onChange={(event) => set({ askConfidence: event.currentTarget.checked })}
      />
      <Switch
        label="A reason or a comment is required"
        checked={requireReason}
        disabled={disabled}
        onChange={(event) => set({ requireReason: event.currentTarget.checked })}
      />
    </Stack>
  )
}

/** One as it is edited: its name may be empty, or that of another, for a moment. */
interface Aspect {
  key: number
  name: string
  description: string
}

interface AspectsProps {
  settings: CompareSettings
  onChange: (change: Pick<CompareSettings, 'aspects' | 'descriptions'>) => void
  disabled: boolean
}

function Aspects({ settings, onChange, disabled }: AspectsProps) {
  const [rows, setRows] = useState<Aspect[]>(() =>
    settings.aspects.map((name, key) => ({ key, name, description: settings.descriptions?.[name] ?? '' })),
  )
  const list = useRef<HTMLFieldSetElement>(null)
  const change = (next: Aspect[]) => {
    setRows(next)
    const described = next.filter(({ description }) => description.trim())
    onChange({
      aspects: next.map(({ name }) => name.trim()),
      descriptions: described.length
        ? Object.fromEntries(described.map(({ name, description }) => [name.trim(), description.trim()]))
        : undefined,
    })
  }
  const issues = schema.safeParse(settings).error?.issues ?? []
  const problemAt = (place: number) => {
    const issue = issues.find(({ path }) => path[0] === 'aspects' && path[1] === place)
    return issue && issueWords(issue)
  }
  const edit = (key: number, part: Partial<Aspect>) =>
    change(rows.map((row) => (row.key === key ? { ...row, ...part } : row)))
  const names = () => [...(list.current?.querySelectorAll<HTMLInputElement>('input[data-name]') ?? [])]
  const add = () => {
    flushSync(() =>
      change([...rows, { key: Math.max(-1, ...rows.map(({ key }) => key)) + 1, name: '', description: '' }]),
    )
    names().at(-1)?.focus()
  }
  const remove = (key: number) => {
    const place = rows.findIndex((row) => row.key === key)
    flushSync(() => change(rows.filter((row) => row.key !== key)))
    ;(names()[Math.min(place, rows.length - 2)] ?? list.current?.querySelector('button'))?.focus()
  }
  return (
    <fieldset ref={list} className={classes.aspects}>
      <legend>Aspects</legend>
      {rows.map(({ key, name, description }, place) => (
        <div key={key} className={classes.aspect}>
          <TextInput
            aria-label={`Aspect ${place + 1}`}
            data-name
            placeholder="Name"
            maxLength={60}
            disabled={disabled}
            value={name}
            error={problemAt(place)}
            onChange={(event) => edit(key, { name: event.currentTarget.value })}
          />
          <TextInput
            aria-label={`What aspect ${place + 1} means`}
            placeholder="What it means (optional)"
            maxLength={300}
            disabled={disabled}
            value={description}
            onChange={(event) => edit(key, { description: event.currentTarget.value })}
          />
          <ActionIcon
            size="lg"
            aria-label={`Take ${name || `aspect ${place + 1}`} out`}
            disabled={disabled}
            onClick={() => remove(key)}
          >
            <IconTrash size={18} />
          </ActionIcon>
        </div>
      ))}
      {!disabled && (
        <Group>
          <Button variant="default" disabled={rows.length >= mostAspects} onClick={add}>
            Add an aspect
          </Button>
        </Group>
      )}
    </fieldset>
  )
}

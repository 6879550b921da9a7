/** What the gates of a project ask for; a lead changes it, and verdicts that were stored with a promotion stay. */
import { Button, Group, Modal, MultiSelect, Stack } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type GateSettings, gateNames, projects } from '../../projects/contract.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { NumberField } from '../../web/number-field.tsx'
import { Loading, Problem } from '../../web/states.tsx'
import type { Gate } from './contract.ts'
import { titles } from './say.ts'

const api = clientOf({ projects }).projects

export function Thresholds() {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        Change thresholds
      </Button>
      <Modal opened={isOpen} onClose={() => setOpen(false)} title="What the gates ask for">
        <Loaded onDone={() => setOpen(false)} />
      </Modal>
    </>
  )
}

function Loaded({ onDone }: { onDone: () => void }) {
  const { id: project } = useProject()
  const { data, error, refetch } = useQuery({
    queryKey: ['project', project],
    queryFn: ({ signal }) => api.show({ project }, { signal }),
  })
  if (!data) return error ? <Problem error={error} onRetry={() => void refetch()} /> : <Loading lines={8} />
  return <Form settings={data.settings.gates} onDone={onDone} />
}

const shares = [
  { key: 'minWinRate', label: 'People prefer it', description: 'All of the interval above' },
  { key: 'maxJunk', label: 'Junk above real answers', description: 'At most' },
  { key: 'maxViolations', label: 'Answers that violate a rule', description: 'At most' },
] as const
const numbers = [
  { key: 'minJudgements', label: 'Comparisons', description: 'At least', min: 2, max: 100_000, step: 1 },
  { key: 'maxKl', label: 'Nats a token', description: 'At most', min: 0, max: 100, step: 0.1 },
  { key: 'minLengthRatio', label: 'Length ratio', description: 'Above', min: 0, max: 1, step: 0.1 },
  { key: 'maxLengthRatio', label: 'Length ratio', description: 'At most', min: 1, max: 100, step: 0.1 },
] as const

function Form({ settings: saved, onDone }: { settings: GateSettings; onDone: () => void }) {
  const { id: project } = useProject()
  const [settings, setSettings] = useState(saved)
  const set = (change: Partial<GateSettings>) => setSettings({ ...settings, ...change })
  const queries = useQueryClient()
  const save = useMutation({
    mutationFn: () => api.change({ project, settings: { gates: settings } }),
    onSuccess: async () => {
      await Promise.all([['project'], ['gates', project]].map((queryKey) => queries.invalidateQueries({ queryKey })))
      onDone()
    },
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <Stack gap="md">
        {shares.map(({ key, label, description }) => (
          <NumberField
            key={key}
            label={label}
            description={description}
            suffix=" %"
            min={0}
            max={100}
            decimalScale={1}
            value={Math.round(settings[key] * 1000) / 10}
            onChange={(percent) => set({ [key]: percent / 100 })}
          />
        ))}
        <Group grow align="flex-start">
          {numbers.slice(0, 2).map(({ key, ...rest }) => (
            <NumberField key={key} {...rest} value={settings[key]} onChange={(value) => set({ [key]: value })} />
          ))}
        </Group>
        <Group grow align="flex-start">
          {numbers.slice(2).map(({ key, ...rest }) => (
            <NumberField key={key} {...rest} value={settings[key]} onChange={(value) => set({ [key]: value })} />
          ))}
        </Group>
        <MultiSelect
          label="Required in any case"
          description="Without it a gate counts where it can be measured."
          data={gateNames.map((value) => ({ value, label: titles[value] }))}
          value={settings.required}
          onChange={(required) => set({ required: required as Gate['gate'][] })}
        />
        {save.error && <Problem error={save.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** What the gates of a project ask for; a lead changes it, and verdicts that were stored with a promotion stay. */
import { Button, Group, Modal, MultiSelect, Stack } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type GateSettings, gateNames, gateSettings, projects } from '../../projects/contract.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { NumberField } from '../../web/number-field.tsx'
import { Pending, Problem } from '../../web/states.tsx'
import type { Gate } from './contract.ts'
import { titles } from './say.ts'

const api = clientOf({ projects }).projects

export function Thresholds({ gates }: { gates: readonly Gate[] }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        Change thresholds
      </Button>
      <Modal opened={isOpen} onClose={() => setOpen(false)} title="What the gates ask for">
        <Loaded gates={gates} onDone={() => setOpen(false)} />
      </Modal>
    </>
  )
}

function Loaded({ gates, onDone }: { gates: readonly Gate[]; onDone: () => void }) {
  const { id: project } = useProject()
  const { data, error, refetch } = useQuery({
    queryKey: ['project', project],
    queryFn: ({ signal }) => api.show({ project }, { signal }),
  })
  if (!data) return <Pending error={error} onRetry={refetch} lines={8} />
  return <Form settings={data.settings.gates} gates={gates} onDone={onDone} />
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

const usual = gateSettings.parse({})

interface FormProps {
  settings: GateSettings
  /** As they stand for the comparison that is shown. */
  gates: readonly Gate[]
  onDone: () => void
}

function Form({ settings: saved, gates, onDone }: FormProps) {
  const { id: project } = useProject()
  const [settings, setSettings] = useState(saved)
  const set = (change: Partial<GateSettings>) => setSettings({ ...settings, ...change })
  const isJudged = gates.some(({ gate, value }) => gate === 'violations' && value !== null)
  // One that nobody can pass stops every promotion; where it was set all the same, it can be taken back.
  const cannotBe = !isJudged && !settings.required.includes('violations')
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
            description={`${description}, usually ${Math.round(usual[key] * 100)}%`}
            suffix=" %"
            min={0}
            max={100}
            decimalScale={1}
            value={Math.round(settings[key] * 1000) / 10}
            onChange={(percent) => set({ [key]: percent / 100 })}
          />
        ))}
        {[numbers.slice(0, 2), numbers.slice(2)].map((row) => (
          <Group grow align="flex-start" key={row[0]!.key}>
            {row.map(({ key, description, ...rest }) => (
              <NumberField
                key={key}
                {...rest}
                description={`${description}, usually ${usual[key]}`}
                value={settings[key]}
                onChange={(value) => set({ [key]: value })}
              />
            ))}
          </Group>
        ))}
        <MultiSelect
          label="Required in any case"
          description={`Without it a gate counts where it can be measured.${
            cannotBe ? ` Nobody has judged violations: to require them would stop every promotion.` : ''
          }`}
          data={gateNames.map((value) => ({
            value,
            label: titles[value],
            disabled: value === 'violations' && cannotBe,
          }))}
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

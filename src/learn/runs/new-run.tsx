/** A new run: what it does, what it learns from, where it begins; the few settings that matter, the rest folded away. */
import { Button, Group, Radio, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { type Algorithm, isOnline } from '../../trainer/schedule/spec.ts'
import { useAddress } from '../../web/address.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { Page } from '../../web/shell.tsx'
import { Empty, Pending, Problem } from '../../web/states.tsx'
import type { ShownRun } from './contract.ts'
import { settingsFromForm, type Values } from './fields.ts'
import { SettingFields } from './setting-field.tsx'
import { type Choices, useChoices } from './use-choices.ts'
import { api, runKey, useRun } from './use-runs.ts'
import { algorithmWords } from './words.ts'

export function NewRun({ fork }: { fork: string | undefined }) {
  const { id: project } = useProject()
  const parent = useRun(project, fork)
  const choices = useChoices(project)
  const from = parent.data
  const { error, refetch } = parent.error ? parent : choices
  return (
    <Page title={from ? `Fork of ${from.name}` : 'Train a model'}>
      <Stack gap="lg">
        <Go to={`/projects/${project}/runs`}>All runs</Go>
        {!choices.data || (fork !== undefined && !from) ? (
          <Pending error={error} onRetry={refetch} lines={10} />
        ) : choices.data.datasets.length ? (
          <Form from={from} choices={choices.data} />
        ) : (
          <Empty
            title="There is no dataset to learn from"
            action={<Go to={`/projects/${project}/datasets`}>Take a dataset</Go>}
          >
            A run learns from a dataset: what people have said, as it was at one moment.
          </Empty>
        )}
      </Stack>
    </Page>
  )
}

const Part = ({ title, children }: { title: string; children: ReactNode }) => (
  <Stack component="fieldset" gap="sm" p={0} m={0} style={{ border: 0 }}>
    <Text component="legend" fw={600} p={0} mb={4}>
      {title}
    </Text>
    {children}
  </Stack>
)

function Form({ from, choices }: { from: ShownRun | undefined; choices: Choices }) {
  const { id: project } = useProject()
  const [, setAddress] = useAddress()
  const queries = useQueryClient()
  const [algorithm, setAlgorithm] = useState<Algorithm>(from?.algorithm ?? 'sft')
  const [dataset, setDataset] = useState(from?.snapshot.id ?? choices.datasets[0]!.value)
  const [base, setBase] = useState(from?.baseId ?? from?.base ?? choices.basesFor('sft')[0]!.items[0]!.value)
  const [reward, setReward] = useState(from?.reward ? (from.reward === 'online' ? 'online' : from.reward.id) : 'online')
  const [name, setName] = useState('')
  const [values, setValues] = useState<Values>(from?.settings ?? {})
  const online = isOnline(algorithm)
  const start = useMutation({
    mutationFn: () =>
      api.start({
        project,
        algorithm,
        snapshot: dataset,
        base,
        reward: online ? reward : undefined,
        name: name.trim() || undefined,
        settings: settingsFromForm(algorithm, values),
        forkedFrom: from?.id,
      }),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: runKey(project) })
      setAddress({ new: undefined, fork: undefined, run: id })
    },
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        start.mutate()
      }}
    >
      <Stack gap="xl" maw="56rem">
        <Part title="What it does">
          <Radio.Group
            value={algorithm}
            onChange={(value) => setAlgorithm(value as Algorithm)}
            aria-label="What it does"
          >
            <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
              {Object.entries(algorithmWords).map(([value, words]) => (
                <Radio key={value} value={value} label={words.name} description={words.does} />
              ))}
            </SimpleGrid>
          </Radio.Group>
        </Part>
        <Part title="What it learns from, and where it begins">
          <SimpleGrid cols={{ base: 1, sm: 2 }} style={{ alignItems: 'end' }}>
            <Select
              label="Dataset"
              required
              allowDeselect={false}
              searchable
              data={choices.datasets}
              value={dataset}
              onChange={(value) => value && setDataset(value)}
            />
            <Select
              label="Model"
              description="A preset is new and knows nothing yet."
              required
              allowDeselect={false}
              searchable
              data={choices.basesFor(algorithm)}
              value={base}
              onChange={(value) => value && setBase(value)}
            />
            {online && (
              <Select
                label="Scored by"
                required
                allowDeselect={false}
                data={choices.rewards}
                value={reward}
                onChange={(value) => value && setReward(value)}
              />
            )}
            <TextInput
              label="Name"
              placeholder={`${algorithm} …`}
              maxLength={100}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          </SimpleGrid>
        </Part>
        <Part title="Settings">
          <SettingFields
            algorithm={algorithm}
            parameters={choices.parametersOf(base)}
            values={values}
            onChange={setValues}
          />
        </Part>
        {start.error && <Problem error={start.error} />}
        <Group>
          <Button type="submit" loading={start.isPending}>
            Begin
          </Button>
          <Text size="sm" c="dimmed">
            One run trains at a time on this machine; others wait for their turn.
          </Text>
        </Group>
      </Stack>
    </form>
  )
}

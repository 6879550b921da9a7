/** Sets two policies against each other: which, on which prompts, and how many people judge each pair. */
import { Button, Group, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { datasets } from '../../learn/datasets/contract.ts'
import { models } from '../../models/checkpoints/contract.ts'
import { policies } from '../../models/policies/contract.ts'
import { ParameterFields } from '../../models/policies/policy-form.tsx'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { NumberField } from '../../web/number-field.tsx'
import { count } from '../../web/numbers.ts'
import { Pending, Problem } from '../../web/states.tsx'
import { headToHeads } from './contract.ts'

const api = clientOf({ headToHeads, policies, models, datasets })

type How = 'held-out' | 'tag' | 'all'

function useChoices(project: string) {
  const key = ['head-to-head', project, 'choices']
  return useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => {
      const [policies, models, taken] = await Promise.all([
        api.policies.list({ project }, { signal }),
        api.models.list({ project }, { signal }),
        api.datasets.list({ project }, { signal }),
      ])
      return {
        policies: policies.rows.filter(({ archived }) => !archived).map(({ id, name }) => ({ value: id, label: name })),
        rewards: [
          { value: 'online', label: 'The reward that learns while people work' },
          ...models.rows
            .filter(({ head, archived }) => head === 'scalar' && !archived)
            .map(({ id, name }) => ({ value: id, label: name })),
        ],
        datasets: taken.rows
          .filter(({ test }) => test > 0)
          .map(({ id, name, test }) => ({ value: id, label: `${name}, ${count(test)} rows held out` })),
      }
    },
  })
}

export function StartForm({ onStarted }: { onStarted: (id: string) => void }) {
  const { id: project } = useProject()
  const { data, error, refetch } = useChoices(project)
  if (!data) return <Pending error={error} onRetry={refetch} lines={8} />
  if (data.policies.length < 2)
    return (
      <Text>
        It takes two policies. <Go to={`/projects/${project}/policies?new=1`}>Add an endpoint</Go>, or train a model
        under <Go to={`/projects/${project}/runs`}>Runs</Go>.
      </Text>
    )
  return <Form choices={data} onStarted={onStarted} />
}

type Choices = NonNullable<ReturnType<typeof useChoices>['data']>

function Form({ choices, onStarted }: { choices: Choices; onStarted: (id: string) => void }) {
  const { id: project } = useProject()
  const [address] = useAddress()
  const [candidate, setCandidate] = useState<string | null>(address.candidate ?? null)
  const [baseline, setBaseline] = useState<string | null>(address.baseline ?? null)
  const [how, setHow] = useState<How>(choices.datasets.length ? 'held-out' : 'all')
  const [dataset, setDataset] = useState<string | null>(choices.datasets[0]?.value ?? null)
  const [tag, setTag] = useState('')
  const [limit, setLimit] = useState(100)
  const [overlap, setOverlap] = useState(1)
  const [seed, setSeed] = useState(0)
  const [reward, setReward] = useState<string | null>('online')
  const [parameters, setParameters] = useState({})
  const queries = useQueryClient()
  const start = useMutation({
    mutationFn: () =>
      api.headToHeads.start({
        project,
        candidate: candidate!,
        baseline: baseline!,
        prompts: how === 'held-out' ? { heldOutOf: dataset! } : how === 'tag' ? { tag } : {},
        limit,
        overlap,
        seed,
        parameters,
        reward: reward ?? undefined,
      }),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: ['head-to-head', project] })
      onStarted(id)
    },
  })
  const isReady = candidate && baseline && (how !== 'held-out' || dataset) && (how !== 'tag' || tag.trim())
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        start.mutate()
      }}
    >
      <Stack gap="md">
        <Group grow align="flex-start">
          <Select
            label="Candidate"
            description="The policy that may become the next"
            required
            data={choices.policies}
            value={candidate}
            onChange={setCandidate}
          />
          <Select
            label="Baseline"
            description="The one that it is held against"
            required
            data={choices.policies.filter(({ value }) => value !== candidate)}
            value={baseline}
            onChange={setBaseline}
          />
        </Group>
        <Stack gap="xs">
          <Text size="sm" fw={500}>
            Which prompts
          </Text>
          <SegmentedControl
            aria-label="Which prompts"
            value={how}
            onChange={(value) => setHow(value as How)}
            data={[
              ...(choices.datasets.length ? [{ value: 'held-out', label: 'Held out of a dataset' }] : []),
              { value: 'tag', label: 'With a tag' },
              { value: 'all', label: 'All' },
            ]}
          />
          {how === 'held-out' && (
            <Select
              label="Dataset"
              allowDeselect={false}
              data={choices.datasets}
              value={dataset}
              onChange={setDataset}
            />
          )}
          {how === 'tag' && (
            <TextInput
              label="Tag"
              required
              maxLength={60}
              value={tag}
              onChange={(event) => setTag(event.currentTarget.value)}
            />
          )}
        </Stack>
        <Group grow align="flex-start">
          <NumberField
            label="Prompts at most"
            description="Drawn at random"
            min={1}
            max={10_000}
            value={limit}
            onChange={setLimit}
          />
          <NumberField
            label="Overlap"
            description="People a pair"
            min={1}
            max={100}
            value={overlap}
            onChange={setOverlap}
          />
          <NumberField
            label="Seed"
            description="Of prompts and answers"
            min={0}
            max={2 ** 31}
            value={seed}
            onChange={setSeed}
          />
        </Group>
        <Select
          label="Scored by"
          description="Beside people, and never mixed with them"
          clearable
          placeholder="Nobody"
          data={choices.rewards}
          value={reward}
          onChange={setReward}
        />
        <Text size="sm" c="dimmed">
          Parameters left empty are those of each policy.
        </Text>
        <ParameterFields value={parameters} onChange={(change) => setParameters({ ...parameters, ...change })} />
        {start.error && <Problem error={start.error} />}
        <Group justify="flex-end">
          <Button type="submit" loading={start.isPending} disabled={!isReady}>
            Draw the answers
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

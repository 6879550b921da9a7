/** What is drawn: for which prompts, from which policies, how many, with which parameters. */
import { Button, Group, MultiSelect, Stack, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { policies } from '../../models/policies/contract.ts'
import { ParameterFields } from '../../models/policies/policy-form.tsx'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { NumberField } from '../../web/number-field.tsx'
import { Pending, Problem } from '../../web/states.tsx'
import { sampling } from './contract.ts'
import { type Which, WhichPrompts, whichOf } from './which-prompts.tsx'

const api = clientOf({ sampling, policies })

export function DrawForm({ onStarted }: { onStarted: (job: string) => void }) {
  const { id: project } = useProject()
  const [{ prompts }] = useAddress()
  const picked = prompts ? prompts.split(',') : []
  const [which, setWhich] = useState<Which>({ how: picked.length ? 'picked' : 'all', tag: '' })
  const [chosen, setChosen] = useState<string[]>([])
  const [responses, setResponses] = useState(2)
  const [seed, setSeed] = useState(0)
  const [concurrency, setConcurrency] = useState(8)
  const [parameters, setParameters] = useState({})
  const models = useQuery({
    queryKey: ['policies', project],
    queryFn: ({ signal }) => api.policies.list({ project }, { signal }),
  })
  const start = useMutation({
    mutationFn: () =>
      api.sampling.start({
        project,
        ...whichOf(which, picked),
        policies: chosen,
        responses,
        parameters,
        seed,
        concurrency,
      }),
    onSuccess: ({ job }) => onStarted(job),
  })
  if (!models.data) return <Pending error={models.error} onRetry={models.refetch} lines={6} />
  const usable = models.data.rows.filter(({ archived }) => !archived)
  if (!usable.length)
    return (
      <Text>
        There is no policy to draw from yet. <Go to={`/projects/${project}/policies?new=1`}>Add an endpoint</Go> first.
      </Text>
    )
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        start.mutate()
      }}
    >
      <Stack gap="md">
        <WhichPrompts value={which} onChange={setWhich} picked={picked} />
        <MultiSelect
          label="Policies"
          description="Each answers every prompt."
          required
          data={usable.map(({ id, name }) => ({ value: id, label: name }))}
          value={chosen}
          onChange={setChosen}
        />
        <Group grow align="flex-start">
          <NumberField label="Responses a prompt" min={1} max={64} value={responses} onChange={setResponses} />
          <NumberField label="Seed" min={0} max={2 ** 31} value={seed} onChange={setSeed} />
          <NumberField label="At a time" min={1} max={64} value={concurrency} onChange={setConcurrency} />
        </Group>
        <Text size="sm" c="dimmed">
          Parameters left empty are those of each policy.
        </Text>
        <ParameterFields value={parameters} onChange={(change) => setParameters({ ...parameters, ...change })} />
        {start.error && <Problem error={start.error} />}
        <Group justify="flex-end">
          <Button
            type="submit"
            loading={start.isPending}
            disabled={!chosen.length || (which.how === 'tag' && !which.tag.trim())}
          >
            Draw
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

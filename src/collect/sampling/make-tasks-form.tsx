/** Comparison tasks of responses that prompts already have. The same pair is never made twice. */
import { Button, Group, Select, Stack, TagsInput, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { JobCard } from '../../projects/jobs/job-card.tsx'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { NumberField } from '../../web/number-field.tsx'
import { plural } from '../../web/numbers.ts'
import { Problem } from '../../web/states.tsx'
import { madeTasks, sampling } from './contract.ts'
import { type Which, WhichPrompts, whichOf } from './which-prompts.tsx'

const api = clientOf({ sampling }).sampling

export const pairings = [
  { value: 'one-pair', label: 'One pair a prompt' },
  { value: 'between-policies', label: 'Every pair of two policies' },
  { value: 'all-pairs', label: 'Every pair' },
] as const
const purposes = [
  {
    value: 'label',
    label: 'Judgements to learn from',
    about: 'A pair that has such a task already gets no second one.',
  },
  {
    value: 'evaluation',
    label: 'Evaluation, never trained on',
    about: 'To find out, by people, which policy is better.',
  },
  { value: 'calibration', label: 'Calibration of annotators', about: 'To see how people agree before they begin.' },
  {
    value: 're-annotation',
    label: 'Judging again',
    about: 'Pairs that have been asked are asked once more, under the comparison and the guideline as they are now.',
  },
] as const

export function MakeTasksForm() {
  const { id: project } = useProject()
  const [{ made, purpose: wanted }, setAddress] = useAddress()
  const [which, setWhich] = useState<Which>({ how: 'all', tag: '' })
  const [pairing, setPairing] = useState<(typeof pairings)[number]['value']>('one-pair')
  const [purpose, setPurpose] = useState<(typeof purposes)[number]['value']>(
    () => purposes.find(({ value }) => value === wanted)?.value ?? 'label',
  )
  const [overlap, setOverlap] = useState(1)
  const [priority, setPriority] = useState(0)
  const [skills, setSkills] = useState<string[]>([])
  const make = useMutation({
    mutationFn: () => api.makeTasks({ project, ...whichOf(which), pairing, purpose, overlap, priority, skills }),
    onSuccess: ({ job }) => setAddress({ made: job }, { replace: true }),
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        make.mutate()
      }}
    >
      <Stack gap="md">
        <WhichPrompts value={which} onChange={setWhich} />
        <Select
          label="Pairs"
          allowDeselect={false}
          data={pairings}
          value={pairing}
          onChange={(value) => setPairing(value ?? 'one-pair')}
        />
        <Select
          label="Purpose"
          description={purposes.find(({ value }) => value === purpose)?.about}
          allowDeselect={false}
          data={purposes}
          value={purpose}
          onChange={(value) => setPurpose(value ?? 'label')}
        />
        <Group grow align="flex-start">
          <NumberField
            label="Overlap"
            description="How many people judge each"
            min={1}
            max={1000}
            value={overlap}
            onChange={setOverlap}
          />
          <NumberField
            label="Priority"
            description="Lower comes first"
            min={-1000}
            max={1000}
            value={priority}
            onChange={setPriority}
          />
        </Group>
        <TagsInput label="Skills that a person needs" maxTags={20} value={skills} onChange={setSkills} />
        {make.error && <Problem error={make.error} />}
        {made && <JobCard job={made}>{(result) => <Made result={result} />}</JobCard>}
        <Group justify="flex-end">
          <Button type="submit" loading={make.isPending} disabled={which.how === 'tag' && !which.tag.trim()}>
            Make the tasks
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function Made({ result }: { result: unknown }) {
  const { id: project } = useProject()
  const queries = useQueryClient()
  useEffect(() => {
    void queries.invalidateQueries({ queryKey: ['tasks', project] })
  }, [queries, project])
  const { data } = madeTasks.safeParse(result)
  if (!data) return null
  return (
    <Text role="status">
      {plural(data.tasks, 'task')} made.{' '}
      {data.tasks > 0 ? (
        <Go to={`/projects/${project}/tasks`}>See the tasks</Go>
      ) : (
        'Every pair has its task already, or no prompt has two responses.'
      )}
    </Text>
  )
}

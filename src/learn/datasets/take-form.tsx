/** The way to take a dataset: what goes in, with a count of what that gives before anything is taken. */
import { Alert, Button, Group, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { count, plural } from '../../web/numbers.ts'
import { Problem } from '../../web/states.tsx'
import { type DatasetKind, datasets } from './contract.ts'
import { FilterFields } from './filter-fields.tsx'
import { type Chosen, chosenAtFirst, filtersFrom } from './form-values.ts'
import { reasonWords } from './rules.ts'

const api = clientOf({ datasets }).datasets

export function TakeForm({ onStarted }: { onStarted: (job: string) => void }) {
  const { id: project } = useProject()
  const [kind, setKind] = useState<DatasetKind>('preference')
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<Chosen>(chosenAtFirst)
  const filters = filtersFrom(kind, chosen)
  const take = useMutation({
    mutationFn: () => api.take({ project, kind, name: name.trim() || undefined, filters }),
    onSuccess: ({ job }) => onStarted(job),
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        take.mutate()
      }}
    >
      <Stack gap="lg">
        <SegmentedControl
          aria-label="Kind"
          value={kind}
          onChange={(value) => setKind(value as DatasetKind)}
          data={[
            { value: 'preference', label: 'Preferences' },
            { value: 'demonstration', label: 'Demonstrations' },
          ]}
        />
        <Text size="sm" c="dimmed">
          {kind === 'preference'
            ? 'Pairs of responses, one preferred: for reward models, DPO, KTO and the like.'
            : 'Prompts with a response that a person wrote or that was imported: for supervised tuning.'}{' '}
          Tasks of evaluation, gold, calibration and review never enter.
        </Text>
        <TextInput
          label="Name"
          description="Left empty, it is numbered."
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <FilterFields kind={kind} chosen={chosen} onChange={(change) => setChosen({ ...chosen, ...change })} />
        <Expected key={kind} kind={kind} filters={filters} />
        {take.error && <Problem error={take.error} />}
        <Group justify="flex-end">
          <Button type="submit" loading={take.isPending}>
            Take it
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** What these filters give now; it follows while one sets them. */
function Expected({ kind, filters }: { kind: DatasetKind; filters: ReturnType<typeof filtersFrom> }) {
  const { id: project } = useProject()
  const [asked] = useDebouncedValue(JSON.stringify({ kind, filters }), 300)
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['datasets', project, 'preview', asked],
    queryFn: ({ signal }) => api.preview({ project, ...JSON.parse(asked) }, { signal }),
    placeholderData: keepPreviousData,
    retry: false,
  })
  if (error && !data) return <Problem error={error} onRetry={() => void refetch()} />
  const left = Object.entries(data?.leftOut ?? {}).filter(([, n]) => n > 0)
  return (
    <Alert variant="outline" color={data?.rows === 0 ? 'yellow' : 'petrol'} role="status" aria-busy={isFetching}>
      {data ? (
        <>
          <Text fw={600}>
            {data.about ? 'About ' : ''}
            {plural(data.rows, 'row')} of {plural(data.prompts, 'prompt')}
          </Text>
          {left.length > 0 && (
            <Text size="sm">
              Left out:{' '}
              {left.map(([reason, n]) => `${count(n)} ${reasonWords[reason as keyof typeof reasonWords]}`).join(', ')}.
            </Text>
          )}
        </>
      ) : (
        <Text>Counting</Text>
      )}
    </Alert>
  )
}

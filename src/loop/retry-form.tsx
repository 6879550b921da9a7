/** Other settings for the run at which a round has failed: they take the place of those in its plan. */
import { Button, Group, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { settingsFromForm, type Values } from '../learn/runs/fields.ts'
import { SettingFields } from '../learn/runs/setting-field.tsx'
import { useChoices } from '../learn/runs/use-choices.ts'
import { policies } from '../models/policies/contract.ts'
import { clientOf } from '../web/client.ts'
import { useProject } from '../web/current.tsx'
import { Pending, Problem } from '../web/states.tsx'
import { roundsKey } from './acts.tsx'
import { type Round, rounds, type Settings } from './contract.ts'
import type { StationName } from './rules.ts'

const api = clientOf({ policies, rounds })

export function RetryForm({ round, station, onDone }: { round: Round; station: StationName; onDone: () => void }) {
  const { id: project } = useProject()
  const choices = useChoices(project)
  const known = useQuery({
    queryKey: ['policies', project],
    queryFn: ({ signal }) => api.policies.list({ project }, { signal }),
  })
  const { plan } = round
  const part = station === 'reward' ? 'reward' : 'training'
  const algorithm = part === 'reward' ? 'reward' : plan.training.algorithm
  const [values, setValues] = useState(plan[part].settings as Values)
  const queries = useQueryClient()
  const retry = useMutation({
    mutationFn: () => {
      const settings = settingsFromForm(algorithm, values) as Settings
      return api.rounds.retry({ project, round: round.id, settings: { [part]: settings } })
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: roundsKey(project) })
      onDone()
    },
  })
  if (!choices.data || !known.data) {
    const retryAll = () => Promise.all([choices.refetch(), known.refetch()])
    return <Pending error={choices.error ?? known.error} onRetry={retryAll} lines={6} />
  }
  const own = known.data.rows.find(({ id }) => id === round.policy.id)?.checkpointId ?? ''
  const base = part === 'reward' ? (plan.reward.base ?? own) : own
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        retry.mutate()
      }}
    >
      <Stack gap="md">
        <Text size="sm">The run begins anew with these, and so does that of each round that follows by itself.</Text>
        <SettingFields
          algorithm={algorithm}
          parameters={choices.data.parametersOf(base)}
          values={values}
          onChange={setValues}
        />
        {retry.error && <Problem error={retry.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={retry.isPending}>
            Try again with these
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

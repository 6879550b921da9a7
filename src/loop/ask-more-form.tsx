/** More people for each pair of the evaluation, where so few judgements decide that the gate of preference has no verdict. */
import { Button, Group, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { clientOf } from '../web/client.ts'
import { useProject } from '../web/current.tsx'
import { NumberField } from '../web/number-field.tsx'
import { count, plural } from '../web/numbers.ts'
import { Problem } from '../web/states.tsx'
import { roundsKey } from './acts.tsx'
import { type Facts, type Round, rounds } from './contract.ts'

const api = clientOf({ rounds }).rounds
const most = 100

interface AskMoreFormProps {
  round: Round
  lacks: NonNullable<Facts['lacks']>
  onDone: () => void
}

export function AskMoreForm({ round, lacks: { decided, needed, pairs, overlap }, onDone }: AskMoreFormProps) {
  const { id: project } = useProject()
  const [people, setPeople] = useState(Math.min(most, overlap + Math.ceil((needed - decided) / pairs)))
  const queries = useQueryClient()
  const ask = useMutation({
    mutationFn: () => api.askMore({ project, round: round.id, overlap: people }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: roundsKey(project) })
      onDone()
    },
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        ask.mutate()
      }}
    >
      <Stack gap="md">
        <Text size="sm">
          {count(decided)} comparisons decide, and the gate asks for {count(needed)}. The round goes back to its
          evaluation; each of {plural(pairs, 'pair')} waits for as many people as you say, and nobody judges one twice.
        </Text>
        <NumberField
          label="People a pair"
          description={`${count(overlap)} so far`}
          min={overlap + 1}
          max={most}
          allowDecimal={false}
          value={people}
          onChange={setPeople}
        />
        {ask.error && <Problem error={ask.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={ask.isPending}>
            Ask them
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

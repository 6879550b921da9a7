/** The one thing that a round waits for, with the button that moves it. */
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { clientOf } from '../web/client.ts'
import { useProject } from '../web/current.tsx'
import { Go } from '../web/link.tsx'
import { ReasonForm } from '../web/reason-form.tsx'
import { Problem } from '../web/states.tsx'
import { type Round, rounds, type Station } from './contract.ts'
import { standing } from './say.ts'

const api = clientOf({ rounds }).rounds
export const roundsKey = (project: string) => ['round', project]

type Accepted = 'judgements' | 'quality' | 'evaluation'
type Act = 'go-on' | 'close'

/** A dialog keeps the station that it was opened at: the round moves on below it, and the server refuses what is late. */
interface Asked {
  act: Act
  station: Station['station']
}

const canBeAccepted = ({ station, state }: Station): boolean =>
  (state === 'blocked' && station === 'quality') ||
  (state === 'working' && (station === 'judgements' || station === 'evaluation'))

const asks: Readonly<Record<Act, { title: string; label: string; button: string }>> = {
  'go-on': { title: 'Go on with what is there', label: 'Why is it enough?', button: 'Go on' },
  close: { title: 'End this round without a promotion', label: 'Why does it end here?', button: 'End the round' },
}

/** What needs a reason, which stays with the round. */
function Reason({ round, act, station, onDone }: Asked & { round: string; onDone: () => void }) {
  const { id: project } = useProject()
  const queries = useQueryClient()
  const { label, button } = asks[act]
  return (
    <ReasonForm
      label={label}
      description="Kept with the round and in the audit log."
      button={button}
      act={async (why) => {
        const where = { project, round, why }
        if (act === 'close') await api.close(where)
        else await api.goOn({ ...where, station: station as Accepted })
        await queries.invalidateQueries({ queryKey: roundsKey(project) })
      }}
      onDone={onDone}
    />
  )
}

function TryAgain({ round }: { round: Round }) {
  const { id: project } = useProject()
  const queries = useQueryClient()
  const retry = useMutation({
    mutationFn: () => api.retry({ project, round: round.id }),
    onSettled: () => queries.invalidateQueries({ queryKey: roundsKey(project) }),
  })
  return (
    <>
      <Button size="xs" loading={retry.isPending} onClick={() => retry.mutate()}>
        Try again
      </Button>
      {retry.error && <Problem error={retry.error} />}
    </>
  )
}

/** Where the round stands, in words, and what whoever may can do about it. */
export function Acts({ round }: { round: Round }) {
  const { id: project, can } = useProject()
  const [asked, setAsked] = useState<Asked>()
  const station = round.stations.find(({ station: name }) => name === round.at)!
  const ask = (act: Act) => setAsked({ act, station: round.at })
  const isOpen = round.state === 'open' || round.state === 'failed'
  const isJudging = station.state === 'working' && ['judgements', 'evaluation'].includes(station.station)
  return (
    <Stack gap="xs">
      <Text fw={600} role="status">
        {isOpen
          ? standing(round.number, station)
          : round.state === 'closed'
            ? `Round ${round.number} was ended: ${round.reason}`
            : `Round ${round.number} is through${round.promoted ? `: ${round.promoted.name} takes over.` : '.'}`}
      </Text>
      {station.problem?.hint && isOpen && <Text size="sm">{station.problem.hint}</Text>}
      {isOpen && (
        <Group gap="sm">
          {isJudging && can('annotate') && <Go to={`/projects/${project}/work`}>Judge</Go>}
          {station.station === 'promotion' && <Go to={`/projects/${project}/gates`}>See the gates</Go>}
          {round.state === 'failed' && can('model.write') && <TryAgain round={round} />}
          {canBeAccepted(station) && can('model.write') && (
            <Button size="xs" variant={station.state === 'blocked' ? 'filled' : 'default'} onClick={() => ask('go-on')}>
              Go on with what is there…
            </Button>
          )}
          {can('model.write') && (
            <Button size="xs" variant="default" onClick={() => ask('close')}>
              End the round…
            </Button>
          )}
        </Group>
      )}
      <Modal opened={asked !== undefined} onClose={() => setAsked(undefined)} title={asked && asks[asked.act].title}>
        {asked && <Reason {...asked} round={round.id} onDone={() => setAsked(undefined)} />}
      </Modal>
    </Stack>
  )
}

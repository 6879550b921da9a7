/** The one thing that a round waits for, with the buttons that move it. */
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { clientOf } from '../web/client.ts'
import { useProject } from '../web/current.tsx'
import { Go } from '../web/link.tsx'
import { ReasonForm } from '../web/reason-form.tsx'
import { Problem } from '../web/states.tsx'
import { AskMoreForm } from './ask-more-form.tsx'
import { type Acceptable, acceptable, type Round, rounds, type Station } from './contract.ts'
import { RetryForm } from './retry-form.tsx'
import { standing } from './say.ts'

const api = clientOf({ rounds }).rounds
export const roundsKey = (project: string) => ['round', project]

type Act = 'go-on' | 'close' | 'settings' | 'ask-more'

/** A dialog keeps the station that it was opened at: the round moves on below it, and the server refuses what is late. */
interface Asked {
  act: Act
  station: Station
}

const isAcceptable = (name: Station['station']): name is Acceptable => acceptable.some((one) => one === name)

/** What there is to go on with. */
const canBeAccepted = ({ station, state, facts }: Station): boolean =>
  (state === 'blocked' && station === 'quality') ||
  (state === 'working' && (station === 'judgements' || station === 'evaluation')) ||
  (state === 'failed' && facts.lastGood !== undefined)

const titles: Readonly<Record<Act, string>> = {
  'go-on': 'Go on with what is there',
  close: 'End this round without a promotion',
  settings: 'Try again with other settings',
  'ask-more': 'Have more people judge each pair',
}
const reasons = {
  'go-on': { label: 'Why is it enough?', button: 'Go on' },
  close: { label: 'Why does it end here?', button: 'End the round' },
}

/** What needs a reason, which stays with the round. */
function Reason({
  round,
  act,
  station,
  onDone,
}: Asked & { act: keyof typeof reasons; round: string; onDone: () => void }) {
  const { id: project } = useProject()
  const queries = useQueryClient()
  return (
    <ReasonForm
      {...reasons[act]}
      description="Kept with the round and in the audit log."
      act={async (why) => {
        const where = { project, round, why }
        if (act === 'close') await api.close(where)
        else if (isAcceptable(station.station)) await api.goOn({ ...where, station: station.station })
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
  const { station: name, state, facts } = station
  const done = () => setAsked(undefined)
  const isOpen = round.state === 'open' || round.state === 'failed'
  const isJudging = state === 'working' && ['judgements', 'evaluation'].includes(name)
  const acts: { act: Act; label: string; isThere: boolean; leads?: boolean }[] = [
    { act: 'settings', label: 'Try again with other settings…', isThere: round.state === 'failed' && trains(name) },
    { act: 'ask-more', label: 'Have more people judge each pair…', isThere: facts.lacks !== undefined, leads: true },
    {
      act: 'go-on',
      label: facts.lastGood ? 'Go on with the last good model…' : 'Go on with what is there…',
      isThere: canBeAccepted(station),
      leads: state === 'blocked',
    },
    { act: 'close', label: 'End the round…', isThere: true },
  ]
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
          {name === 'promotion' && <Go to={`/projects/${project}/gates`}>See the gates</Go>}
          {round.state === 'failed' && can('model.write') && <TryAgain round={round} />}
          {can('model.write') &&
            acts
              .filter(({ isThere }) => isThere)
              .map(({ act, label, leads }) => (
                <Button
                  key={act}
                  size="xs"
                  variant={leads ? 'filled' : 'default'}
                  onClick={() => setAsked({ act, station })}
                >
                  {label}
                </Button>
              ))}
        </Group>
      )}
      <Modal
        opened={asked !== undefined}
        onClose={done}
        title={asked && titles[asked.act]}
        size={asked?.act === 'settings' ? 'lg' : 'md'}
      >
        {asked?.act === 'settings' ? (
          <RetryForm round={round} station={asked.station.station} onDone={done} />
        ) : asked?.act === 'ask-more' ? (
          <AskMoreForm round={round} lacks={asked.station.facts.lacks!} onDone={done} />
        ) : (
          asked && <Reason {...asked} act={asked.act} round={round.id} onDone={done} />
        )}
      </Modal>
    </Stack>
  )
}

const trains = (station: Station['station']): boolean => station === 'reward' || station === 'policy'

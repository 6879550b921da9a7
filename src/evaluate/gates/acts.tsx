/** What all checks come to, and the button that follows from it: promote, or a lead's word against them. */
import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { notify } from '../../web/notices.tsx'
import { ReasonForm } from '../../web/reason-form.tsx'
import { Problem } from '../../web/states.tsx'
import { type Gate, gates, type Promotion } from './contract.ts'
import { titles } from './say.ts'

const api = clientOf({ gates }).gates

interface Shown {
  headToHead: { id: string; candidate: { id: string; name: string } } | null
  gates: Gate[]
  decision: Gate['verdict']
  current: Promotion | null
}

function usePromoted(name: string) {
  const { id: project } = useProject()
  const queries = useQueryClient()
  return async () => {
    await Promise.all(
      ['gates', 'leaderboard'].map((topic) => queries.invalidateQueries({ queryKey: [topic, project] })),
    )
    notify({ text: `${name} is the policy in force.` })
  }
}

const namesOf = (gates: readonly Gate[], verdict: Gate['verdict']) =>
  gates.filter((one) => one.required && one.verdict === verdict).map(({ gate }) => titles[gate].toLowerCase())

export function Acts({ shown: { headToHead, gates: all, decision, current } }: { shown: Shown }) {
  const { id: project, can } = useProject()
  const [isAsked, setAsked] = useState(false)
  const { id, candidate } = headToHead!
  const onSuccess = usePromoted(candidate.name)
  const promote = useMutation({ mutationFn: () => api.promote({ project, headToHead: id }), onSuccess })
  if (current?.policy.id === candidate.id)
    return (
      <Alert color="green" variant="outline" title={`${candidate.name} is the policy in force`}>
        {current.override
          ? `Promoted against its gates: ${current.override}`
          : `It passed all that was required${
              current.gates.some((one) => one.required && one.looser) ? ', some of it looser than usual' : ''
            }.`}
      </Alert>
    )
  const passes = decision === 'pass'
  const failed = namesOf(all, 'fail')
  const open = namesOf(all, 'unknown')
  const looser = all.filter((one) => one.required && one.looser).map(({ gate }) => titles[gate].toLowerCase())
  return (
    <Alert
      color={passes ? 'green' : decision === 'fail' ? 'red' : 'yellow'}
      variant="outline"
      title={
        passes
          ? `${candidate.name} passes all that is required`
          : decision === 'fail'
            ? `${candidate.name} does not pass`
            : `Not decided yet for ${candidate.name}`
      }
    >
      <Stack gap="sm" align="flex-start">
        {failed.length > 0 && <Text size="sm">Failed: {failed.join('; ')}.</Text>}
        {open.length > 0 && <Text size="sm">Not known: {open.join('; ')}.</Text>}
        {looser.length > 0 && <Text size="sm">Asked for less than usual: {looser.join('; ')}.</Text>}
        {promote.error && <Problem error={promote.error} />}
        <Group gap="sm">
          {passes && can('model.write') && (
            <Button loading={promote.isPending} onClick={() => promote.mutate()}>
              Promote {candidate.name}
            </Button>
          )}
          {!passes && can('project.write') && (
            <Button variant="default" onClick={() => setAsked(true)}>
              Promote it all the same
            </Button>
          )}
        </Group>
        <Modal opened={isAsked} onClose={() => setAsked(false)} title={`Promote ${candidate.name} against its gates`}>
          <Override headToHead={id} policy={candidate} onDone={() => setAsked(false)} />
        </Modal>
      </Stack>
    </Alert>
  )
}

interface OverrideProps {
  headToHead: string
  policy: { id: string; name: string }
  onDone: () => void
}

function Override({ headToHead, policy, onDone }: OverrideProps) {
  const { id: project } = useProject()
  const promoted = usePromoted(policy.name)
  return (
    <ReasonForm
      label="Why is it promoted all the same?"
      description="Kept with the promotion and shown wherever the policy is."
      button="Promote"
      color="red"
      act={async (reason) => {
        await api.override({ project, headToHead, policy: policy.id, reason })
        await promoted()
      }}
      onDone={onDone}
    />
  )
}

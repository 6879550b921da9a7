/** Begins a round: the few choices that matter, and all others folded away; the round shows its whole plan. */
import { Button, Group, MultiSelect, Select, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { algorithmWords } from '../learn/runs/words.ts'
import { policies } from '../models/policies/contract.ts'
import { isOnline } from '../trainer/schedule/spec.ts'
import { clientOf } from '../web/client.ts'
import { useProject } from '../web/current.tsx'
import { Go } from '../web/link.tsx'
import { NumberField, OptionalNumberField } from '../web/number-field.tsx'
import { Pending, Problem } from '../web/states.tsx'
import { roundsKey } from './acts.tsx'
import { type Round, rounds } from './contract.ts'
import { type Draft, draftAfter, planOf, sourceOf, withAlgorithm } from './draft.ts'
import { Foreseen } from './foreseen.tsx'
import { More } from './more.tsx'

const api = clientOf({ policies, rounds })

const algorithms = ['dpo', 'grpo', 'kto', 'orpo', 'rloo', 'ppo', 'rejection'] as const
const rewards = [
  { value: 'train', label: 'Train a reward model on this round’s dataset' },
  { value: 'online', label: 'The reward that learns while people work' },
] as const

export function StartForm({ before, onStarted }: { before?: Round; onStarted: () => void }) {
  const { id: project } = useProject()
  const [draft, setDraft] = useState(() => draftAfter(before))
  const set = <Part extends keyof Draft['rest']>(part: Part, change: Partial<Draft['rest'][Part]>) =>
    setDraft((old) => ({
      ...old,
      rest: { ...old.rest, [part]: { ...(old.rest[part] as object), ...(change as object) } },
    }))
  const queries = useQueryClient()
  const known = useQuery({
    queryKey: ['policies', project],
    queryFn: ({ signal }) => api.policies.list({ project }, { signal }),
  })
  const start = useMutation({
    mutationFn: (policy: string) => api.rounds.start({ project, plan: planOf(draft, policy) }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: roundsKey(project) })
      onStarted()
    },
  })
  if (!known.data) return <Pending error={known.error} onRetry={known.refetch} lines={8} />
  const usable = known.data.rows.filter(({ archived }) => !archived)
  const local = usable.filter(({ kind }) => kind === 'checkpoint')
  if (!local.length)
    return (
      <Text>
        A round trains a model of your own, and there is none yet.{' '}
        <Go to={`/projects/${project}/runs?new=1`}>Train one on demonstrations</Go>, or{' '}
        <Go to={`/projects/${project}/models?new=1`}>add one</Go> that lies on the server.
      </Text>
    )
  // Where there is but one, it needs no choosing.
  const policy = draft.policy ?? (local.length === 1 ? local[0]!.id : null)
  const option = ({ id, name }: { id: string; name: string }) => ({ value: id, label: name })
  const { prompts, samples, judgements, quality, training, evaluation } = draft.rest
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (policy) start.mutate(policy)
      }}
    >
      <Stack gap="md">
        <Select
          label="Policy"
          description="What is trained, and what the new one is measured against."
          required
          allowDeselect={false}
          data={local.map(option)}
          value={policy}
          onChange={(policy) => setDraft((old) => ({ ...old, policy }))}
        />
        <MultiSelect
          label="Others that answer as well"
          description="Without any, answers of the policy are compared with each other."
          data={usable.filter(({ id }) => id !== policy).map(option)}
          value={samples.policies}
          onChange={(policies) => set('samples', { policies })}
        />
        <Group grow align="flex-start">
          <TextInput
            label="Prompts with the tag"
            description="Empty: all"
            maxLength={60}
            value={prompts.tag ?? ''}
            onChange={(event) => set('prompts', { tag: event.currentTarget.value })}
          />
          <OptionalNumberField
            label="At most so many"
            description="Empty: all"
            min={1}
            max={100_000}
            value={prompts.limit}
            onChange={(limit) => set('prompts', { limit })}
          />
        </Group>
        <Group grow align="flex-start">
          <NumberField
            label="Responses a prompt"
            description="Of each policy"
            min={1}
            max={16}
            value={samples.responses}
            onChange={(responses) => set('samples', { responses })}
          />
          <NumberField
            label="Overlap"
            description="How many people judge each"
            min={1}
            max={100}
            value={judgements.overlap}
            onChange={(overlap) => set('judgements', { overlap })}
          />
          <OptionalNumberField
            label="Least alpha"
            description="Below it the round waits"
            min={-1}
            max={1}
            step={0.05}
            value={quality.minimumAlpha}
            onChange={(minimumAlpha) => set('quality', { minimumAlpha })}
          />
        </Group>
        <Select
          label="How the policy learns"
          description={algorithmWords[training.algorithm].does}
          allowDeselect={false}
          data={algorithms.map((value) => ({ value, label: algorithmWords[value].name }))}
          value={training.algorithm}
          onChange={(value) => value && setDraft((old) => withAlgorithm(old, value))}
        />
        <Select
          label="Reward"
          description={
            isOnline(training.algorithm)
              ? 'Scores what the policy tries.'
              : 'The policy learns from the pairs alone: the reward only scores beside people at the evaluation.'
          }
          allowDeselect={false}
          data={rewards}
          value={sourceOf(draft)}
          onChange={(source) => setDraft((old) => ({ ...old, source: source ?? undefined }))}
        />
        <Group grow align="flex-start">
          <NumberField
            label="Evaluated on"
            description="Held-out prompts, at most"
            min={1}
            max={10_000}
            value={evaluation.limit}
            onChange={(limit) => set('evaluation', { limit })}
          />
          <NumberField
            label="People a pair"
            description="Who judge the evaluation"
            min={1}
            max={100}
            value={evaluation.overlap}
            onChange={(overlap) => set('evaluation', { overlap })}
          />
          <NumberField
            label="Rounds to follow"
            description="After a promotion"
            min={0}
            max={100}
            value={draft.rest.repeat}
            onChange={(repeat) => setDraft((old) => ({ ...old, rest: { ...old.rest, repeat } }))}
          />
        </Group>
        {policy && <Foreseen plan={planOf(draft, policy)} />}
        <More
          draft={draft}
          set={set}
          checkpoint={local.find(({ id }) => id === policy)?.checkpointId ?? null}
          onChange={(change) => setDraft((old) => ({ ...old, ...change }))}
        />
        {start.error && <Problem error={start.error} />}
        <Group justify="flex-end">
          <Button type="submit" loading={start.isPending} disabled={!policy}>
            Begin the round
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

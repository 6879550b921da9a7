/** Begins a round: the few choices that matter; the rest has defaults that the plan shows. */
import { Button, Group, MultiSelect, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { policies } from '../models/policies/contract.ts'
import { clientOf } from '../web/client.ts'
import { useProject } from '../web/current.tsx'
import { Go } from '../web/link.tsx'
import { NumberField } from '../web/number-field.tsx'
import { Pending, Problem } from '../web/states.tsx'
import { roundsKey } from './acts.tsx'
import { type NewPlan, type Round, rounds } from './contract.ts'

const api = clientOf({ policies, rounds })

const algorithms = [
  { value: 'dpo', label: 'DPO: straight from the preferences' },
  { value: 'grpo', label: 'GRPO: samples, scored by the reward model' },
  { value: 'kto', label: 'KTO: from single good and bad answers' },
  { value: 'orpo', label: 'ORPO: preferences without a reference' },
  { value: 'rloo', label: 'RLOO: samples, scored by the reward model' },
  { value: 'ppo', label: 'PPO: samples, with a value head' },
  { value: 'rejection', label: 'Rejection sampling: fine-tuning on the best samples' },
]
const rewards = [
  { value: 'train', label: 'Train a reward model on this round’s dataset' },
  { value: 'online', label: 'The reward that learns while people work' },
]

interface Choices {
  policy: string | null
  others: string[]
  tag: string
  limit: number | ''
  responses: number
  overlap: number
  minimumAlpha: number | ''
  algorithm: string
  reward: string
  evaluate: number
  repeat: number
}

const beginning: Choices = {
  policy: null,
  others: [],
  tag: '',
  limit: '',
  responses: 2,
  overlap: 2,
  minimumAlpha: '',
  algorithm: 'dpo',
  reward: 'train',
  evaluate: 100,
  repeat: 1,
}

/** What the plan of the round before says, for the next. */
function choicesOf({ plan, promoted }: Round): Choices {
  return {
    policy: promoted?.id ?? plan.policy,
    others: [],
    tag: plan.prompts.tag ?? '',
    limit: plan.prompts.limit ?? '',
    responses: plan.samples.responses,
    overlap: plan.judgements.overlap,
    minimumAlpha: plan.quality.minimumAlpha ?? '',
    algorithm: plan.training.algorithm,
    reward: plan.reward.source,
    evaluate: plan.evaluation.limit,
    repeat: plan.repeat,
  }
}

function planOf(choices: Choices, before: Round | undefined): NewPlan {
  const { policy, others, tag, limit, minimumAlpha } = choices
  return {
    ...before?.plan,
    policy: policy!,
    prompts: { ...(tag.trim() ? { tag: tag.trim() } : {}), ...(limit === '' ? {} : { limit }) },
    samples: {
      ...before?.plan.samples,
      policies: others.length ? [policy!, ...others.filter((id) => id !== policy)] : [],
      responses: choices.responses,
    },
    judgements: { ...before?.plan.judgements, overlap: choices.overlap },
    quality: { ...before?.plan.quality, minimumAlpha: minimumAlpha === '' ? undefined : minimumAlpha },
    reward: { ...before?.plan.reward, source: choices.reward as 'train' | 'online' },
    training: {
      algorithm: choices.algorithm as 'dpo',
      settings: before?.plan.training.algorithm === choices.algorithm ? before.plan.training.settings : {},
    },
    evaluation: { ...before?.plan.evaluation, limit: choices.evaluate },
    repeat: choices.repeat,
  }
}

export function StartForm({ before, onStarted }: { before?: Round; onStarted: () => void }) {
  const { id: project } = useProject()
  const [choices, setChoices] = useState(before ? choicesOf(before) : beginning)
  const set = (change: Partial<Choices>) => setChoices((old) => ({ ...old, ...change }))
  const queries = useQueryClient()
  const known = useQuery({
    queryKey: ['policies', project],
    queryFn: ({ signal }) => api.policies.list({ project }, { signal }),
  })
  const start = useMutation({
    mutationFn: (policy: string) => api.rounds.start({ project, plan: planOf({ ...choices, policy }, before) }),
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
  const policy = choices.policy ?? (local.length === 1 ? local[0]!.id : null)
  const option = ({ id, name }: { id: string; name: string }) => ({ value: id, label: name })
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
          onChange={(policy) => set({ policy })}
        />
        <MultiSelect
          label="Others that answer as well"
          description="Without any, answers of the policy are compared with each other."
          data={usable.filter(({ id }) => id !== policy).map(option)}
          value={choices.others}
          onChange={(others) => set({ others })}
        />
        <Group grow align="flex-start">
          <TextInput
            label="Prompts with the tag"
            description="Empty: all"
            maxLength={60}
            value={choices.tag}
            onChange={(event) => set({ tag: event.currentTarget.value })}
          />
          <NumberInput
            label="At most so many"
            description="Empty: all"
            min={1}
            max={100_000}
            value={choices.limit}
            onChange={(limit) => set({ limit: limit === '' ? '' : Number(limit) })}
          />
        </Group>
        <Group grow align="flex-start">
          <NumberField
            label="Responses a prompt"
            description="Of each policy"
            min={1}
            max={16}
            value={choices.responses}
            onChange={(responses) => set({ responses })}
          />
          <NumberField
            label="Overlap"
            description="How many people judge each"
            min={1}
            max={100}
            value={choices.overlap}
            onChange={(overlap) => set({ overlap })}
          />
          <NumberInput
            label="Least alpha"
            description="Below it the round waits"
            min={-1}
            max={1}
            step={0.05}
            value={choices.minimumAlpha}
            onChange={(value) => set({ minimumAlpha: value === '' ? '' : Number(value) })}
          />
        </Group>
        <Select
          label="How the policy learns"
          allowDeselect={false}
          data={algorithms}
          value={choices.algorithm}
          onChange={(value) => set({ algorithm: value ?? 'dpo' })}
        />
        <Select
          label="Reward"
          allowDeselect={false}
          data={rewards}
          value={choices.reward}
          onChange={(value) => set({ reward: value ?? 'train' })}
        />
        <Group grow align="flex-start">
          <NumberField
            label="Evaluated on"
            description="Held-out prompts, at most"
            min={1}
            max={10_000}
            value={choices.evaluate}
            onChange={(evaluate) => set({ evaluate })}
          />
          <NumberField
            label="Rounds that follow by themselves"
            description="Each with the policy just promoted"
            min={0}
            max={100}
            value={choices.repeat}
            onChange={(repeat) => set({ repeat })}
          />
        </Group>
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

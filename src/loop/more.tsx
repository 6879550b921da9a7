/** What else a plan says, station by station: folded away, for each has a default. */
import { Checkbox, Fieldset, Group, Select, Stack, TagsInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { pairings } from '../collect/sampling/make-tasks-form.tsx'
import { SettingFields } from '../learn/runs/setting-field.tsx'
import { useChoices } from '../learn/runs/use-choices.ts'
import { ParameterFields } from '../models/policies/policy-form.tsx'
import { useProject } from '../web/current.tsx'
import { NumberField, OptionalNumberField } from '../web/number-field.tsx'
import { Pending } from '../web/states.tsx'
import { type Draft, sourceOf } from './draft.ts'

interface MoreProps {
  draft: Draft
  /** Of the policy; null: none is chosen yet. */
  checkpoint: string | null
  set: <Part extends keyof Draft['rest']>(part: Part, change: Partial<Draft['rest'][Part]>) => void
  onChange: (change: Partial<Draft>) => void
}

const promotions = [
  { value: 'when-gates-pass', label: 'By itself, when every gate is passed' },
  { value: 'by-hand', label: 'By a lead, whatever the gates say' },
] as const

const Part = ({ title, children }: { title: string; children: ReactNode }) => (
  <Fieldset legend={title} variant="default">
    <Stack gap="sm">{children}</Stack>
  </Fieldset>
)

export function More(props: MoreProps) {
  const { set, draft } = props
  const { samples, judgements, quality, dataset, evaluation, promotion } = draft.rest
  return (
    <details>
      <summary>More</summary>
      <Stack gap="md" mt="sm">
        <Part title="Samples">
          <ParameterFields
            value={samples.parameters}
            onChange={(change) => set('samples', { parameters: { ...samples.parameters, ...change } })}
          />
        </Part>
        <Part title="Judgements">
          <Group grow align="flex-start">
            <Select
              label="Pairs"
              allowDeselect={false}
              data={pairings}
              value={judgements.pairing}
              onChange={(pairing) => pairing && set('judgements', { pairing })}
            />
            <OptionalNumberField
              label="Enough after so many tasks"
              placeholder="all"
              min={1}
              allowDecimal={false}
              value={judgements.wanted}
              onChange={(wanted) => set('judgements', { wanted })}
            />
          </Group>
          <TagsInput
            label="Skills that a person needs"
            maxTags={20}
            value={judgements.skills}
            onChange={(skills) => set('judgements', { skills })}
          />
        </Part>
        <Part title="Dataset">
          <Checkbox
            label="Leave out people who look careless or biased"
            checked={quality.withoutSuspects}
            onChange={(event) => set('quality', { withoutSuspects: event.currentTarget.checked })}
          />
          <Group grow align="flex-start">
            <NumberField
              label="Share held out"
              description="Of prompts, to evaluate on"
              min={0.05}
              max={0.9}
              step={0.05}
              value={dataset.testShare}
              onChange={(testShare) => set('dataset', { testShare })}
            />
            <NumberField
              label="Least agreement"
              description="Share of people, 0 takes every pair"
              min={0}
              max={1}
              step={0.05}
              value={dataset.minimumAgreement}
              onChange={(minimumAgreement) => set('dataset', { minimumAgreement })}
            />
          </Group>
        </Part>
        <Training {...props} />
        <Part title="Evaluation">
          <ParameterFields
            value={evaluation.parameters}
            onChange={(change) => set('evaluation', { parameters: { ...evaluation.parameters, ...change } })}
          />
        </Part>
        <Part title="Promotion">
          <Select
            label="Who promotes"
            allowDeselect={false}
            data={promotions}
            value={promotion}
            onChange={(promotion) => promotion && onPromotion(props, promotion)}
          />
        </Part>
      </Stack>
    </details>
  )
}

const onPromotion = ({ draft, onChange }: MoreProps, promotion: Draft['rest']['promotion']) =>
  onChange({ rest: { ...draft.rest, promotion } })

function Training({ draft, checkpoint, set, onChange }: MoreProps) {
  const { id: project } = useProject()
  const { data: choices, error, refetch } = useChoices(project)
  if (!choices) return <Pending error={error} onRetry={refetch} lines={3} />
  const { reward, training } = draft.rest
  return (
    <>
      {sourceOf(draft) === 'train' && (
        <Part title="Reward model">
          <Select
            label="It begins with"
            placeholder="the policy"
            clearable
            searchable
            data={choices.basesFor('reward')}
            value={reward.base ?? null}
            onChange={(base) => set('reward', { base: base ?? undefined })}
          />
          <SettingFields
            algorithm="reward"
            parameters={choices.parametersOf(reward.base ?? checkpoint ?? '')}
            values={draft.reward}
            onChange={(reward) => onChange({ reward })}
          />
        </Part>
      )}
      <Part title="Training of the policy">
        <SettingFields
          algorithm={training.algorithm}
          parameters={choices.parametersOf(checkpoint ?? '')}
          values={draft.training}
          onChange={(training) => onChange({ training })}
        />
      </Part>
    </>
  )
}

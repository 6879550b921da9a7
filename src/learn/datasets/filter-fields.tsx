/** The fields of a dataset's filters. */
import { Checkbox, Fieldset, Group, MultiSelect, Radio, Select, Stack, TagsInput, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { members } from '../../people/members/contract.ts'
import { guideline } from '../../projects/guideline/contract.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { NumberField } from '../../web/number-field.tsx'
import type { DatasetKind } from './contract.ts'
import type { Chosen } from './form-values.ts'

const api = clientOf({ members, guideline })

interface FieldsProps {
  chosen: Chosen
  onChange: (change: Partial<Chosen>) => void
}

export const FilterFields = ({ kind, ...props }: FieldsProps & { kind: DatasetKind }) => (
  <>
    {kind === 'preference' && <Agreement {...props} />}
    <Who kind={kind} {...props} />
    <Which kind={kind} {...props} />
    <Split {...props} />
  </>
)

const rules = [
  {
    value: 'majority',
    label: 'The side that leads',
    description: 'One row a pair; the share of votes is kept beside it.',
  },
  {
    value: 'soft',
    label: 'The share of votes',
    description: 'One row a pair; trainers that know soft labels learn the share.',
  },
  {
    value: 'weighed',
    label: 'Votes weighed by their author’s record',
    description: 'One row a pair; the label is a probability, and agreement means that probability.',
  },
  { value: 'each', label: 'Every judgement', description: 'One row a judgement, as that person gave it.' },
] as const

const Agreement = ({ chosen, onChange }: FieldsProps) => (
  <Fieldset legend="What makes a row">
    <Stack gap="md">
      <Radio.Group
        aria-label="Rule"
        value={chosen.rule}
        onChange={(rule) => onChange({ rule: rule as Chosen['rule'] })}
      >
        <Stack gap="xs">
          {rules.map((rule) => (
            <Radio key={rule.value} {...rule} />
          ))}
        </Stack>
      </Radio.Group>
      <Group grow align="flex-start">
        <NumberField
          label="Votes a pair needs"
          min={1}
          max={1000}
          value={chosen.minVotes}
          onChange={(minVotes) => onChange({ minVotes })}
        />
        <NumberField
          label="Agreement it needs, %"
          min={0}
          max={100}
          value={chosen.minAgreement}
          onChange={(minAgreement) => onChange({ minAgreement })}
        />
      </Group>
      <Checkbox
        label="Keep ties, with the label 0.5"
        checked={chosen.keepTies}
        onChange={(event) => onChange({ keepTies: event.currentTarget.checked })}
      />
    </Stack>
  </Fieldset>
)

function Who({ kind, chosen, onChange }: FieldsProps & { kind: DatasetKind }) {
  const { id: project, can } = useProject()
  const people = useQuery({
    queryKey: ['members', project, 'for filters'],
    queryFn: ({ signal }) => api.members.list({ project, limit: 200 }, { signal }),
    enabled: can('member.read'),
  })
  return (
    <Fieldset legend="Whose">
      <Stack gap="md">
        {kind === 'preference' && (
          <Group>
            <Checkbox
              label="Judgements of people"
              checked={chosen.person}
              onChange={(event) =>
                onChange({
                  person: event.currentTarget.checked,
                  ...(event.currentTarget.checked ? {} : { imported: true }),
                })
              }
            />
            <Checkbox
              label="Imported judgements"
              checked={chosen.imported}
              onChange={(event) =>
                onChange({
                  imported: event.currentTarget.checked,
                  ...(event.currentTarget.checked ? {} : { person: true }),
                })
              }
            />
          </Group>
        )}
        <Select
          label="People"
          allowDeselect={false}
          data={[
            { value: 'everyone', label: 'Everyone' },
            { value: 'people', label: 'No simulated annotators' },
            { value: 'simulated', label: 'Simulated annotators alone' },
          ]}
          value={chosen.who}
          onChange={(who) => onChange({ who: (who ?? 'everyone') as Chosen['who'] })}
        />
        <MultiSelect
          label="Without"
          description="For instance those whom Quality finds careless."
          searchable
          clearable
          data={(people.data?.rows ?? []).map(({ person, name, simulatedAs }) => ({
            value: person,
            label: simulatedAs === null ? name : `${name} (sim.)`,
          }))}
          value={chosen.without}
          onChange={(without) => onChange({ without })}
        />
      </Stack>
    </Fieldset>
  )
}

function Which({ kind, chosen, onChange }: FieldsProps & { kind: DatasetKind }) {
  const { id: project } = useProject()
  const versions = useQuery({
    queryKey: ['guideline', project, 'versions for filters'],
    queryFn: ({ signal }) => api.guideline.versions({ project }, { signal }),
  })
  const published = versions.data?.rows ?? []
  return (
    <Fieldset legend="Which">
      <Stack gap="md">
        <TagsInput
          label="Prompts with one of these tags"
          description="Left empty: all prompts."
          value={chosen.tags}
          onChange={(tags) => onChange({ tags })}
        />
        {kind === 'preference' && published.length > 0 && (
          <MultiSelect
            label="Guideline versions"
            description="Left empty: judgements under any."
            data={published.map(({ version }) => ({ value: String(version), label: `Version ${version}` }))}
            value={chosen.versions}
            onChange={(versions) => onChange({ versions })}
          />
        )}
        <Group grow align="flex-start">
          <TextInput
            type="date"
            label="From"
            value={chosen.from}
            onChange={(event) => onChange({ from: event.currentTarget.value })}
          />
          <TextInput
            type="date"
            label="Up to and with"
            value={chosen.to}
            onChange={(event) => onChange({ to: event.currentTarget.value })}
          />
        </Group>
      </Stack>
    </Fieldset>
  )
}

const Split = ({ chosen, onChange }: FieldsProps) => (
  <Fieldset legend="Split into training and test">
    <Stack gap="md">
      <Group grow align="flex-start">
        <NumberField
          label="Prompts held out, %"
          min={0}
          max={90}
          value={chosen.test}
          onChange={(test) => onChange({ test })}
        />
        <NumberField
          label="Seed"
          min={0}
          max={4_294_967_295}
          value={chosen.seed}
          onChange={(seed) => onChange({ seed })}
        />
      </Group>
      <Checkbox
        label="Forget what earlier datasets held out"
        description="Otherwise a prompt that was held out once is never trained on, nor is one that is alike to it."
        checked={chosen.anew}
        onChange={(event) => onChange({ anew: event.currentTarget.checked })}
      />
    </Stack>
  </Fieldset>
)

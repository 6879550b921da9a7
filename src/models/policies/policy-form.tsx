/** What an endpoint is asked with: to add one, or to change it. A key that was given is never shown again. */
import { Button, Checkbox, Group, PasswordInput, Stack, TagsInput, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { OptionalNumberField } from '../../web/number-field.tsx'
import { Problem } from '../../web/states.tsx'
import { type Parameters, type Policy, type Price, policies } from './contract.ts'

const api = clientOf({ policies }).policies

type Setter<T> = (change: Partial<T>) => void

export function PolicyForm({ policy, onDone }: { policy?: Policy; onDone: (id: string) => void }) {
  const isLocal = policy?.kind === 'checkpoint'
  const { id: project } = useProject()
  const [name, setName] = useState(policy?.name ?? '')
  const [url, setUrl] = useState(policy?.url ?? '')
  const [model, setModel] = useState(policy?.model ?? '')
  const [key, setKey] = useState('')
  const [dropKey, setDropKey] = useState(false)
  const [parameters, setParameters] = useState<Parameters>(policy?.parameters ?? {})
  const [price, setPrice] = useState<Price>(policy?.price ?? {})
  const queries = useQueryClient()
  const save = useMutation({
    mutationFn: () => {
      const common = { project, name, model, parameters, price }
      if (!policy) return api.create({ ...common, url, key: key || undefined })
      const changed = isLocal ? {} : { url, key: key || (dropKey ? null : undefined) }
      return api.change({ ...common, ...changed, policy: policy.id })
    },
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: ['policies', project] })
      onDone(id)
    },
  })
  const moved = policy?.hasKey && url !== policy.url
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <Stack gap="md">
        <TextInput
          label="Name"
          description="As it is called here; annotators never see it."
          required
          maxLength={100}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {!isLocal && (
          <>
            <TextInput
              label="URL"
              description="Up to /v1; /chat/completions is added."
              placeholder="https://models.example.org/v1"
              type="url"
              required
              value={url}
              onChange={(event) => setUrl(event.currentTarget.value)}
            />
            <PasswordInput
              label={policy?.hasKey ? 'New API key' : 'API key'}
              description={
                moved
                  ? 'Another URL starts without the key that was kept: give it again.'
                  : policy?.hasKey
                    ? 'One is kept, encrypted. Leave this empty to keep it.'
                    : 'Kept encrypted and never shown again. Empty: none is sent.'
              }
              autoComplete="off"
              value={key}
              onChange={(event) => setKey(event.currentTarget.value)}
            />
            {policy?.hasKey && !moved && !key && (
              <Checkbox
                label="Forget the key that is kept"
                checked={dropKey}
                onChange={(event) => setDropKey(event.currentTarget.checked)}
              />
            )}
          </>
        )}
        {!isLocal && (
          <TextInput
            label="Model"
            required
            maxLength={300}
            classNames={{ input: 'mono' }}
            value={model}
            onChange={(event) => setModel(event.currentTarget.value)}
          />
        )}
        <ParameterFields value={parameters} onChange={(change) => setParameters({ ...parameters, ...change })} />
        {!isLocal && <PriceFields value={price} onChange={(change) => setPrice({ ...price, ...change })} />}
        {save.error && <Problem error={save.error} />}
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending}>
            {policy ? 'Save' : 'Add the endpoint'}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

export const ParameterFields = ({ value, onChange }: { value: Parameters; onChange: Setter<Parameters> }) => (
  <>
    <Group grow align="flex-start" preventGrowOverflow={false}>
      <OptionalNumberField
        label="Temperature"
        placeholder="as it does"
        min={0}
        max={4}
        step={0.1}
        decimalScale={2}
        value={value.temperature}
        onChange={(temperature) => onChange({ temperature })}
      />
      <OptionalNumberField
        label="Top p"
        placeholder="as it does"
        min={0}
        max={1}
        step={0.05}
        decimalScale={3}
        value={value.topP}
        onChange={(topP) => onChange({ topP })}
      />
      <OptionalNumberField
        label="Most tokens"
        placeholder="as it does"
        min={1}
        max={100_000}
        allowDecimal={false}
        value={value.maxTokens}
        onChange={(maxTokens) => onChange({ maxTokens })}
      />
    </Group>
    <Textarea
      label="System prompt"
      autosize
      minRows={1}
      maxRows={8}
      maxLength={20_000}
      value={value.system ?? ''}
      onChange={(event) => onChange({ system: event.currentTarget.value || undefined })}
    />
    <TagsInput
      label="Stop at"
      description="Texts at which the answer ends"
      maxTags={8}
      value={value.stop ?? []}
      onChange={(stop) => onChange({ stop: stop.length ? stop : undefined })}
    />
  </>
)

const PriceFields = ({ value, onChange }: { value: Price; onChange: Setter<Price> }) => (
  <Group grow>
    <OptionalNumberField
      label="Price of input"
      description="A million tokens"
      min={0}
      value={value.input}
      onChange={(input) => onChange({ input })}
    />
    <OptionalNumberField
      label="Price of output"
      description="A million tokens"
      min={0}
      value={value.output}
      onChange={(output) => onChange({ output })}
    />
  </Group>
)

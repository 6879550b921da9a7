/** One policy: ask it something, change it, put it away. */
import { Button, Group, Stack, Text, Textarea, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { MarkdownWithSwitch } from '../../web/markdown.tsx'
import { notify } from '../../web/notices.tsx'
import { count, duration } from '../../web/numbers.ts'
import { Problem } from '../../web/states.tsx'
import { PutAway } from '../put-away.tsx'
import { Promoted } from '../slots.tsx'
import { type Policy, policies } from './contract.ts'
import { PolicyForm } from './policy-form.tsx'

const api = clientOf({ policies }).policies

export function OnePolicy({ policy }: { policy: Policy }) {
  const { can } = useProject()
  if (!can('policy.write'))
    return (
      <Stack gap="xl">
        <Promoted policy={policy.id} />
        <Facts policy={policy} />
      </Stack>
    )
  return (
    <Stack gap="xl">
      <Promoted policy={policy.id} />
      <Origin policy={policy} />
      <TestCall policy={policy} />
      <section aria-labelledby="change-policy">
        <Title order={2} id="change-policy" mb="sm">
          Change it
        </Title>
        <PolicyForm
          key={JSON.stringify(policy)}
          policy={policy}
          onDone={() => notify({ text: `${policy.name} is changed.` })}
        />
      </section>
      <Archive policy={policy} />
    </Stack>
  )
}

/** A checkpoint leads to its card; an endpoint is all in the form below. */
function Origin({ policy: { checkpointId } }: { policy: Policy }) {
  const { id: project } = useProject()
  if (!checkpointId) return null
  return (
    <Text>
      A checkpoint here answers: <Go to={`/projects/${project}/models?row=${checkpointId}`}>its model</Go>. Left open
      below, the temperature is as the model was saved with, else 1, and an answer has 256 tokens at most.
    </Text>
  )
}

const Facts = ({ policy: { model, url, parameters } }: { policy: Policy }) => (
  <Stack gap="xs">
    <Text className="mono">{model}</Text>
    <Text>{url ?? 'a checkpoint here'}</Text>
    <Text className="mono">{JSON.stringify(parameters)}</Text>
  </Stack>
)

function TestCall({ policy }: { policy: Policy }) {
  const { id: project } = useProject()
  const [prompt, setPrompt] = useState('Say hello in one sentence.')
  const test = useMutation({ mutationFn: () => api.test({ project, policy: policy.id, prompt }) })
  return (
    <section aria-labelledby="test-call">
      <Title order={2} id="test-call" mb="sm">
        Test call
      </Title>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          test.mutate()
        }}
      >
        <Stack gap="sm">
          <Textarea
            label="Ask it"
            autosize
            minRows={1}
            maxRows={8}
            maxLength={10_000}
            value={prompt}
            onChange={(event) => setPrompt(event.currentTarget.value)}
          />
          <Group>
            <Button type="submit" variant="default" loading={test.isPending} disabled={!prompt.trim()}>
              Ask
            </Button>
          </Group>
          {test.error && <Problem error={test.error} onRetry={() => test.mutate()} />}
          {test.data && (
            <div role="status">
              <Text size="sm" c="dimmed" mb="xs">
                {duration(test.data.latencyMs)}, {count(test.data.tokensIn)} tokens in, {count(test.data.tokensOut)} out
                {test.data.finish === 'length' && ', cut off at the limit of tokens'}
              </Text>
              <MarkdownWithSwitch text={test.data.text} label="Answer" />
            </div>
          )}
        </Stack>
      </form>
    </section>
  )
}

function Archive({ policy }: { policy: Policy }) {
  const { id: project } = useProject()
  return (
    <PutAway
      one={policy}
      put={(archived) => api.archive({ project, policy: policy.id, archived })}
      queryKey={['policies', project]}
    >
      Put away, it is asked no more; its responses stay.
    </PutAway>
  )
}

/** One prompt: its conversation, the responses it has, its tags and what came along with it. */
import { Button, Code, Group, Stack, TagsInput, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { RawSwitch } from '../../web/markdown.tsx'
import { notifyProblem } from '../../web/notices.tsx'
import { plural } from '../../web/numbers.ts'
import { Pending } from '../../web/states.tsx'
import { Ago } from '../../web/time.tsx'
import { prompts } from './contract.ts'
import { Conversation, CutOff, Responses } from './conversation.tsx'

const api = clientOf({ prompts }).prompts

export function OnePrompt({ prompt }: { prompt: string }) {
  const { id: project, can } = useProject()
  const [raw, setRaw] = useState(false)
  const { data, error, refetch } = useQuery({
    queryKey: ['prompts', project, 'one', prompt],
    queryFn: ({ signal }) => api.show({ project, prompt }, { signal }),
  })
  if (!data) return <Pending error={error} onRetry={refetch} lines={8} />
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {plural(data.responses, 'response')}, {plural(data.tasks, 'task')}, added <Ago at={data.createdAt} />
        </Text>
        <RawSwitch raw={raw} onChange={setRaw} label="Texts" />
      </Group>
      <Conversation turns={data.conversation} raw={raw} />
      {data.answers.length > 0 && (
        <section aria-label="Responses">
          <Title order={3} mb="xs">
            Responses
          </Title>
          <Responses
            raw={raw}
            responses={data.answers.map(({ id, text, author, authorName, cutOff }) => ({
              key: id,
              title: (
                <>
                  {authorName ?? (author === 'import' ? 'imported' : `by a ${author}`)} {cutOff && <CutOff />}
                </>
              ),
              text,
            }))}
          />
        </section>
      )}
      {can('prompt.write') && <Tags key={data.tags.join()} prompt={prompt} tags={data.tags} />}
      {Object.keys(data.metadata).length > 0 && (
        <section aria-label="What came along">
          <Title order={3} mb="xs">
            What came along
          </Title>
          <Text size="sm" c="dimmed" mb="xs">
            Columns of the file that no format knows. Annotators never see them.
          </Text>
          <Code block>{JSON.stringify(data.metadata, null, 2)}</Code>
        </section>
      )}
    </Stack>
  )
}

function Tags({ prompt, tags }: { prompt: string; tags: string[] }) {
  const { id: project } = useProject()
  const [wanted, setWanted] = useState(tags)
  const queries = useQueryClient()
  const save = useMutation({
    mutationFn: () =>
      api.tag({
        project,
        prompts: [prompt],
        add: wanted.filter((tag) => !tags.includes(tag)),
        remove: tags.filter((tag) => !wanted.includes(tag)),
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['prompts', project] }),
    onError: notifyProblem,
  })
  return (
    <Group align="flex-end" gap="sm">
      <TagsInput label="Tags" value={wanted} onChange={setWanted} maxTags={20} style={{ flex: 1 }} />
      <Button
        variant="default"
        loading={save.isPending}
        disabled={wanted.join() === tags.join()}
        onClick={() => save.mutate()}
      >
        Save tags
      </Button>
    </Group>
  )
}

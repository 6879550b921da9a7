/** Before a draft is published: what it changes, clause by clause, and which answers it touches. */
import { Badge, Button, Group, List, Modal, Stack, Text, Textarea, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { WordDiff } from '../../web/diff.tsx'
import { Go } from '../../web/link.tsx'
import { notify } from '../../web/notices.tsx'
import { plural } from '../../web/numbers.ts'
import { problemOf } from '../../web/problem.ts'
import { Pending, Problem } from '../../web/states.tsx'
import { guideline } from './contract.ts'
import type { GuidelineDraft } from './draft-editor.tsx'
import { asText, type Clause, type Difference, isSame } from './rules.ts'

const api = clientOf({ guideline }).guideline

interface PublishProps {
  draft: GuidelineDraft
  published: Clause[]
  onReload: () => void
  onClose: () => void
}

export function Publish({ draft, published, onReload, onClose }: PublishProps) {
  const { id: project } = useProject()
  const [, setAddress] = useAddress()
  const [note, setNote] = useState('')
  const queries = useQueryClient()
  const impact = useQuery({
    queryKey: ['guideline', project, 'impact', draft.revision],
    queryFn: ({ signal }) => api.impact({ project }, { signal }),
    staleTime: 0,
  })
  const publish = useMutation({
    mutationFn: () => api.publish({ project, note, revision: draft.revision }),
    onSuccess: async ({ version }) => {
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['guideline', project, 'versions'] }),
        queries.invalidateQueries({ queryKey: ['projects'] }),
      ])
      notify({ text: `Version ${version} is in force.` })
      onClose()
      setAddress({ tab: 'current' })
    },
  })
  const readAgain = () => {
    publish.reset()
    onReload()
  }
  const isOutdated = publish.error && problemOf(publish.error).code === 'conflict'
  const { data } = impact
  return (
    <Modal opened onClose={onClose} title="Publish the draft" size="xl">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          publish.mutate()
        }}
      >
        <Stack gap="md">
          {!data && <Pending error={impact.error} onRetry={impact.refetch} />}
          {data && (
            <>
              <Touched answers={data.answers} />
              {isSame(data) && <Text>The draft reads as the version in force does.</Text>}
              <Differences difference={data} before={published} after={draft.clauses} />
            </>
          )}
          <Textarea
            label="What changes, in a line"
            description="Annotators and later readers of the history see it."
            required
            autosize
            minRows={1}
            maxLength={2000}
            data-autofocus
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          {publish.error && <Problem error={publish.error} onRetry={isOutdated ? readAgain : undefined} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={publish.isPending} disabled={!note.trim() || !data}>
              Publish
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

type Impact = Awaited<ReturnType<typeof api.impact>>

/** How many answers were given under what the draft changes, each version with the way to them. */
function Touched({ answers }: Pick<Impact, 'answers'>) {
  const { id: project, can } = useProject()
  const touched = answers.filter((row) => row.touched)
  if (!touched.length) return <Text>No answer in force was given under a version that reads differently.</Text>
  return (
    <Stack gap={4} component="section" aria-label="Answers that it touches">
      <Text>
        These answers in force were given under a version that reads differently. They stay as they are, with their
        version; people who hold a task now keep theirs until they submit.
      </Text>
      <List>
        {touched.map(({ version, answers }) => (
          <List.Item key={version}>
            {can('task.read') ? (
              <Go to={`/projects/${project}/tasks?guideline=${version}`}>{plural(answers, 'answer')}</Go>
            ) : (
              plural(answers, 'answer')
            )}{' '}
            under version {version}
          </List.Item>
        ))}
      </List>
    </Stack>
  )
}

interface DifferencesProps {
  difference: Difference
  before: readonly Clause[]
  after: readonly Clause[]
}

const rows = [
  ['added', 'green'],
  ['changed', 'yellow'],
  ['removed', 'red'],
] as const

/** Each clause that came, went or reads differently, with its words marked. */
export function Differences({ difference, before, after }: DifferencesProps) {
  const was = new Map(before.map((clause) => [clause.id, clause]))
  const is = new Map(after.map((clause) => [clause.id, clause]))
  return rows.flatMap(([how, colour]) =>
    difference[how].map((id) => {
      const [old, now] = [was.get(id), is.get(id)]
      return (
        <section key={`${how} ${id}`} aria-label={`${how}: ${id}`}>
          <Group gap="xs" mb={4}>
            <Title order={3}>{(now ?? old)?.title}</Title>
            <Badge color={colour}>{how}</Badge>
            <Text size="sm" c="dimmed" className="mono">
              {id}
            </Text>
          </Group>
          <WordDiff before={old ? asText(old) : ''} after={now ? asText(now) : ''} />
        </section>
      )
    }),
  )
}

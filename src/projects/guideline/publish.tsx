/** Before a draft is published: what it changes, clause by clause, and which answers it touches. */
import { Badge, Button, Group, Modal, Stack, Text, Textarea, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { WordDiff } from '../../web/diff.tsx'
import { notify } from '../../web/notices.tsx'
import { plural } from '../../web/numbers.ts'
import { problemOf } from '../../web/problem.ts'
import { Loading, Problem } from '../../web/states.tsx'
import { guideline } from './contract.ts'
import type { GuidelineDraft } from './draft-editor.tsx'
import { asText, type Clause, type Difference } from './rules.ts'

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
  const same = data && !data.added.length && !data.removed.length && !data.changed.length
  return (
    <Modal opened onClose={onClose} title="Publish the draft" size="xl">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          publish.mutate()
        }}
      >
        <Stack gap="md">
          {impact.error && <Problem error={impact.error} onRetry={() => void impact.refetch()} />}
          {!data && !impact.error && <Loading />}
          {data && (
            <>
              <Text>
                {data.answersUnderCurrent
                  ? `${plural(data.answersUnderCurrent, 'answer')} in force ${data.answersUnderCurrent === 1 ? 'was' : 'were'} given under the version that this replaces. They stay as they are, with the version they were given under; people who hold a task now keep the old one until they submit.`
                  : 'No answer was given under a version that this replaces.'}
              </Text>
              {same && <Text>The draft reads as the version in force does.</Text>}
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

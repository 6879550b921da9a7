/** The guideline beside the work, with search; in the version that is recorded on the answer. */
import { CloseButton, Stack, Text, TextInput, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { guideline } from '../../projects/guideline/contract.ts'
import { clientOf } from '../../web/client.ts'
import { Markdown } from '../../web/markdown.tsx'
import { Empty, Loading, Problem } from '../../web/states.tsx'
import classes from './work-screen.module.css'

const api = clientOf({ guideline }).guideline
const mark = { good: 'Good', bad: 'Bad', borderline: 'Borderline' } as const

export function GuidelinePanel({
  project,
  version,
  onClose,
}: {
  project: string
  version: number | null
  onClose(): void
}) {
  const [search, setSearch] = useState('')
  const found = useQuery({
    queryKey: ['guideline', project, version],
    queryFn: () => api.version({ project, version: version! }),
    enabled: version !== null,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const clauses = (found.data?.clauses ?? []).filter((clause) => {
    const text = `${clause.id} ${clause.title} ${clause.text}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
  return (
    <aside className={classes.guideline} aria-label="Guideline">
      <div className={classes.guidelineTop}>
        <Title order={2} size="h4">
          Guideline{version ? ` v${version}` : ''}
        </Title>
        <CloseButton aria-label="Close the guideline" onClick={onClose} />
      </div>
      {version === null && (
        <Empty title="No guideline yet">The lead has not published one. Judge as you find right.</Empty>
      )}
      {found.isLoading && <Loading lines={8} />}
      {found.error && <Problem error={found.error} onRetry={() => void found.refetch()} />}
      {found.data && (
        <Stack gap="md">
          <TextInput
            aria-label="Search the guideline"
            placeholder="Search"
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            data-autofocus
          />
          {clauses.map((clause) => (
            <section key={clause.id}>
              <Title order={3} size="h5">
                <span className="mono">{clause.id}</span> {clause.title}
              </Title>
              <Markdown text={clause.text} />
              {clause.examples.map((example, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a published version never changes
                <div key={i} className={classes.example} data-verdict={example.verdict}>
                  <Text size="xs" fw={600}>
                    {mark[example.verdict]}
                  </Text>
                  <Markdown text={example.text} />
                  {example.why && (
                    <Text size="sm" c="dimmed">
                      {example.why}
                    </Text>
                  )}
                </div>
              ))}
            </section>
          ))}
          {!clauses.length && <Text c="dimmed">No clause has these words.</Text>}
        </Stack>
      )}
    </aside>
  )
}

/** The guideline beside the work, in the version that is recorded on the answer: with search, and the clause that fits. */
import { Badge, Stack, Text, TextInput, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { guideline } from '../../projects/guideline/contract.ts'
import type { Clause } from '../../projects/guideline/rules.ts'
import { clientOf } from '../../web/client.ts'
import { Markdown } from '../../web/markdown.tsx'
import { Empty, Pending } from '../../web/states.tsx'
import { fittingClause } from './fitting-clause.ts'
import classes from './screen.module.css'

const api = clientOf({ guideline }).guideline
// A published version never changes.
const exampleName = (place: number) => `example ${place + 1}`
const verdicts = { good: 'Good', bad: 'Bad', borderline: 'Borderline' } as const

interface GuidelinePanelProps {
  project: string
  version: number | null
  /** The text of the task. */
  about: string
}

export function GuidelinePanel({ project, version, about }: GuidelinePanelProps) {
  const [search, setSearch] = useState('')
  const found = useQuery({
    queryKey: ['guideline', project, version],
    queryFn: () => api.version({ project, version: version! }),
    enabled: version !== null,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const clauses = found.data?.clauses
  const fits = useMemo(() => clauses && fittingClause(clauses, about), [clauses, about])
  if (version === null)
    return <Empty title="No guideline yet">The lead has not published one. Judge as you find right.</Empty>
  if (!clauses) return <Pending error={found.error} onRetry={found.refetch} lines={8} />
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const shown = clauses.filter(({ id, title, text }) => {
    const all = `${id} ${title} ${text}`.toLowerCase()
    return words.every((word) => all.includes(word))
  })
  // The one that fits comes first until something is searched for.
  const order = words.length || !fits ? shown : [fits, ...shown.filter((clause) => clause !== fits)]
  return (
    <Stack gap="md">
      <TextInput
        aria-label="Search the guideline"
        placeholder="Search"
        autoFocus
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      {order.map((clause) => (
        <ClauseView key={clause.id} clause={clause} fits={clause === fits} />
      ))}
      {!shown.length && <Text c="dimmed">No clause has these words.</Text>}
    </Stack>
  )
}

const ClauseView = ({ clause: { id, title, text, examples }, fits }: { clause: Clause; fits: boolean }) => (
  <section aria-labelledby={`clause-${id}`}>
    <Title order={3} id={`clause-${id}`}>
      {title}{' '}
      <Text span size="xs" c="dimmed" className="mono">
        {id}
      </Text>{' '}
      {fits && <Badge size="sm">shares words with this task</Badge>}
    </Title>
    <Markdown text={text} />
    {examples.map(({ verdict, text: example, why }, place) => (
      <div key={exampleName(place)} className={classes.example} data-verdict={verdict}>
        <Text size="xs" fw={600}>
          {verdicts[verdict]}
        </Text>
        <Markdown text={example} />
        {why && (
          <Text size="sm" c="dimmed">
            {why}
          </Text>
        )}
      </div>
    ))}
  </section>
)

/** The draft: clauses to write, reorder and take out; saved as a whole, published as the next version. */
import { Button, Group, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { WordDiff } from '../../web/diff.tsx'
import { useKeys } from '../../web/keys.tsx'
import { Leaving } from '../../web/leaving.tsx'
import { problemOf } from '../../web/problem.ts'
import { Problem } from '../../web/states.tsx'
import { Ago } from '../../web/time.tsx'
import { EditedClause } from './clause-editor.tsx'
import { guideline } from './contract.ts'
import classes from './guideline.module.css'
import { Publish } from './publish.tsx'
import { asText, type Clause, faultsOf, freeClauseId } from './rules.ts'

const api = clientOf({ guideline }).guideline

export type GuidelineDraft = Awaited<ReturnType<typeof api.draft>>

interface DraftEditorProps {
  draft: GuidelineDraft
  published: Clause[]
  /** Reads what somebody else saved meanwhile. */
  onReload: () => Promise<GuidelineDraft>
}

/** A clause while it is written: `key` keeps its fields together when it moves, or its id is changed. */
interface Edited extends Clause {
  key: number
}
let lastKey = 0
const toEdited = (clause: Clause): Edited => ({ ...clause, key: ++lastKey })
const bare = ({ key: _, ...clause }: Edited): Clause => clause

const inWords = (clauses: readonly Clause[]) => clauses.map(asText).join('\n\n')

export function DraftEditor({ draft, published, onReload }: DraftEditorProps) {
  const { id: project } = useProject()
  const [clauses, setClauses] = useState(() => draft.clauses.map(toEdited))
  const [saved, setSaved] = useState(draft)
  const [publishing, setPublishing] = useState(false)
  const queries = useQueryClient()
  const dirty = JSON.stringify(clauses.map(bare)) !== JSON.stringify(saved.clauses)
  const save = useMutation({
    mutationFn: (sent: Clause[]) => api.saveDraft({ project, clauses: sent, revision: saved.revision }),
    // By now more may have been typed: only what was sent is saved.
    onSuccess: (after, sent) => {
      setSaved({ ...after, clauses: sent })
      queries.setQueryData(['guideline', project, 'draft'], after)
    },
  })
  const [tried, setTried] = useState(false)
  const othersOf = (clause: Edited) => clauses.filter((one) => one !== clause)
  const isRight = clauses.every((clause) => Object.keys(faultsOf(clause, othersOf(clause))).length === 0)
  if (tried && isRight) setTried(false)
  const write = () => {
    setTried(!isRight)
    if (dirty && isRight && !save.isPending) save.mutate(clauses.map(bare))
  }
  const reload = useMutation({
    mutationFn: onReload,
    // What was typed stays; saved once more it replaces theirs, so what it changes there is shown first.
    onSuccess: (theirs) => {
      if (!dirty) setClauses(theirs.clauses.map(toEdited))
      setSaved(theirs)
      save.reset()
    },
  })
  const isOutdated = save.error && problemOf(save.error).code === 'conflict'
  const [added, setAdded] = useState<number>()
  const add = () => {
    const fresh = toEdited({ id: freeClauseId('', clauses), title: '', text: '', examples: [] })
    setClauses([...clauses, fresh])
    setAdded(fresh.key)
    setTried(false)
  }
  const change = (at: number, clause: Edited) => setClauses(clauses.map((one, i) => (i === at ? clause : one)))
  const move = (at: number, by: 1 | -1) => {
    const next = [...clauses]
    const [moved] = next.splice(at, 1)
    next.splice(at + by, 0, moved!)
    setClauses(next)
  }
  useKeys([{ key: 'mod+s', label: 'Save the draft', run: write, inInputs: true }], 'Guideline')

  const isPublished = new Set(published.map(({ id }) => id))
  return (
    <Stack gap="md" maw="60rem">
      {clauses.length === 0 && (
        <Text c="dimmed" className="prose">
          The draft is empty. Begin with the one rule that decides most cases, and give an example of a good and of a
          bad response.
        </Text>
      )}
      <div>
        {clauses.map((clause, i) => (
          <EditedClause
            key={clause.key}
            clause={clause}
            others={othersOf(clause)}
            fixedId={isPublished.has(clause.id)}
            isNew={clause.key === added}
            tried={tried}
            onChange={(next) => change(i, { ...next, key: clause.key })}
            onMove={{
              up: i > 0 ? () => move(i, -1) : undefined,
              down: i < clauses.length - 1 ? () => move(i, 1) : undefined,
            }}
            onRemove={() => setClauses(clauses.filter((one) => one !== clause))}
          />
        ))}
      </div>
      <Group>
        <Button variant="default" onClick={add}>
          Add a clause
        </Button>
      </Group>
      {save.error && <Problem error={save.error} onRetry={isOutdated ? () => reload.mutate() : undefined} />}
      {reload.error && <Problem error={reload.error} />}
      {saved === reload.data && dirty && (
        <section aria-label="Saved by somebody else meanwhile">
          <Text mb="xs">Somebody else saved the draft meanwhile. Saving yours changes theirs like this:</Text>
          <WordDiff before={inWords(saved.clauses)} after={inWords(clauses)} />
        </section>
      )}
      <Group className={classes.bar} gap="sm">
        <Button variant="default" disabled={!dirty} loading={save.isPending} onClick={write}>
          Save the draft
        </Button>
        <Button disabled={dirty || clauses.length === 0} onClick={() => setPublishing(true)}>
          Publish
        </Button>
        <Text size="sm" c="dimmed" role="status">
          {tried ? (
            'Not saved: see what is marked above'
          ) : dirty ? (
            'Not saved yet'
          ) : saved.revision > 0 ? (
            <Saved at={saved.updatedAt} />
          ) : (
            ''
          )}
        </Text>
      </Group>
      <Leaving unsaved={dirty} title="The draft is not saved" />
      {publishing && (
        <Publish
          draft={saved}
          published={published}
          onReload={() => reload.mutate()}
          onClose={() => setPublishing(false)}
        />
      )}
    </Stack>
  )
}

const Saved = ({ at }: { at: string }) => (
  <>
    Saved <Ago at={at} />
  </>
)

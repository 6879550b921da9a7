/** One clause of the draft, with its examples. */
import { ActionIcon, Button, Group, Select, Textarea, TextInput } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconTrash } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import { Markdown } from '../../web/markdown.tsx'
import classes from './guideline.module.css'
import { type Clause, faultsOf, freeClauseId } from './rules.ts'

type Example = Clause['examples'][number]
const verdicts: Example['verdict'][] = ['good', 'bad', 'borderline']

interface EditedClauseProps {
  clause: Clause
  others: readonly Clause[]
  /** Published: people know the clause by its id. */
  fixedId: boolean
  /** Just added: its title is what comes next. */
  isNew: boolean
  /** Saving was tried: what is missing is said. */
  tried: boolean
  onChange: (clause: Clause) => void
  onMove: { up?: () => void; down?: () => void }
  onRemove: () => void
}

export function EditedClause(props: EditedClauseProps) {
  const { clause, others, fixedId, isNew, tried, onChange, onMove, onRemove } = props
  const title = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (isNew) title.current?.focus()
  }, [isNew])
  const faults = faultsOf(clause, others)
  const set = (change: Partial<Clause>) => onChange({ ...clause, ...change })
  const name = clause.title || clause.id
  // The id follows the title until somebody writes one.
  const follows = !fixedId && clause.id === freeClauseId(clause.title, others)
  const setTitle = (title: string) => set(follows ? { title, id: freeClauseId(title, others) } : { title })
  return (
    <section aria-label={`Clause ${name}`} className={classes.edited}>
      <div className={classes.head}>
        <TextInput
          label="Title"
          ref={title}
          required
          maxLength={200}
          error={tried && faults.title}
          value={clause.title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <TextInput
          label="Id"
          classNames={{ input: 'mono' }}
          required
          maxLength={40}
          readOnly={fixedId}
          title={
            fixedId
              ? 'Published ids stay: people know the clause by it.'
              : 'By which people and versions know the clause'
          }
          error={faults.id}
          value={clause.id}
          onChange={(event) => set({ id: event.currentTarget.value })}
        />
        <Group gap={4} wrap="nowrap">
          <ActionIcon size="lg" aria-label={`Move ${name} up`} disabled={!onMove.up} onClick={onMove.up}>
            <IconArrowUp size={18} />
          </ActionIcon>
          <ActionIcon size="lg" aria-label={`Move ${name} down`} disabled={!onMove.down} onClick={onMove.down}>
            <IconArrowDown size={18} />
          </ActionIcon>
          <ActionIcon size="lg" aria-label={`Take ${name} out`} onClick={onRemove}>
            <IconTrash size={18} />
          </ActionIcon>
        </Group>
      </div>
      <Textarea
        label="Text"
        description="Markdown"
        autosize
        minRows={2}
        maxRows={20}
        maxLength={20_000}
        value={clause.text}
        onChange={(event) => set({ text: event.currentTarget.value })}
      />
      {clause.text.trim() !== '' && (
        <details>
          <summary>As it will look</summary>
          <div className="prose">
            <Markdown text={clause.text} />
          </div>
        </details>
      )}
      <EditedExamples clause={name} examples={clause.examples} onChange={(examples) => set({ examples })} />
    </section>
  )
}

interface EditedExamplesProps {
  clause: string
  examples: Example[]
  onChange: (examples: Example[]) => void
}

function EditedExamples({ clause, examples, onChange }: EditedExamplesProps) {
  const set = (at: number, change: Partial<Example>) =>
    onChange(examples.map((one, i) => (i === at ? { ...one, ...change } : one)))
  // An example has no id of its own; its place in the clause is what identifies it.
  const placed = examples.map((example, place) => ({ ...example, place }))
  return (
    <>
      {placed.map(({ place, verdict, text, why }) => (
        <div key={place} className={classes.editedExample}>
          <Select
            label="Example"
            allowDeselect={false}
            data={verdicts}
            value={verdict}
            onChange={(value) => value && set(place, { verdict: value })}
          />
          <Textarea
            label="Response"
            autosize
            minRows={1}
            maxRows={8}
            maxLength={10_000}
            value={text}
            onChange={(event) => set(place, { text: event.currentTarget.value })}
          />
          <Textarea
            label="Why"
            autosize
            minRows={1}
            maxRows={8}
            maxLength={2000}
            value={why}
            onChange={(event) => set(place, { why: event.currentTarget.value })}
          />
          <ActionIcon
            size="lg"
            aria-label={`Take example ${place + 1} of ${clause} out`}
            onClick={() => onChange(examples.filter((_, i) => i !== place))}
          >
            <IconTrash size={18} />
          </ActionIcon>
        </div>
      ))}
      <Group>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => onChange([...examples, { verdict: 'good', text: '', why: '' }])}
        >
          Add an example
        </Button>
      </Group>
    </>
  )
}

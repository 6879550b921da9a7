/** Clauses as they are read: by annotators beside the work, by leads here. */
import { Badge, Text, Title } from '@mantine/core'
import { Markdown } from '../../web/markdown.tsx'
import classes from './guideline.module.css'
import type { Clause } from './rules.ts'

const verdictColours = { good: 'green', bad: 'red', borderline: 'yellow' } as const

export const ClauseList = ({ clauses }: { clauses: readonly Clause[] }) => (
  <div className={classes.clauses}>
    {clauses.map((clause) => (
      <article key={clause.id} id={clause.id} className={classes.clause}>
        <Title order={2}>
          {clause.title} <span className={classes.id}>{clause.id}</span>
        </Title>
        <div className="prose">
          <Markdown text={clause.text} />
        </div>
        <Examples examples={clause.examples} />
      </article>
    ))}
  </div>
)

function Examples({ examples }: { examples: Clause['examples'] }) {
  // An example has no id of its own; its place in the clause is what identifies it.
  const placed = examples.map((example, place) => ({ ...example, place }))
  return placed.map(({ place, verdict, text, why }) => (
    <section key={place} aria-label={`Example, ${verdict}`} className={classes.example} data-verdict={verdict}>
      <Badge color={verdictColours[verdict]}>{verdict}</Badge>
      <Markdown text={text} />
      {why && (
        <Text size="sm" c="dimmed">
          {why}
        </Text>
      )}
    </section>
  ))
}

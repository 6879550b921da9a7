/** A conversation and the responses to it, as leads and reviewers read them. */
import { Badge, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { Markdown } from '../../web/markdown.tsx'
import classes from './conversation.module.css'

interface ShownTurn {
  role: 'system' | 'user' | 'assistant'
  text: string
}

const roleName = { system: 'System', user: 'User', assistant: 'Assistant' } as const

export function Conversation({ turns, raw }: { turns: readonly ShownTurn[]; raw?: boolean }) {
  // A turn has no id of its own; its place is what identifies it.
  const placed = turns.map((turn, place) => ({ ...turn, place }))
  return (
    <section aria-label="Conversation" className={classes.conversation}>
      {placed.map(({ role, text, place }) => (
        <article key={place} data-role={role} className={classes.turn}>
          <Text size="xs" fw={600} c="dimmed">
            {roleName[role]}
          </Text>
          <Markdown text={text} raw={raw} />
        </article>
      ))}
    </section>
  )
}

interface ShownResponse {
  key: string
  title: ReactNode
  /** null: erased. */
  text: string | null
}

/** Of a response that had more to say. */
export const CutOff = () => <Badge color="yellow">cut off at the limit</Badge>

/** Side by side where the window is wide enough, of equal width. */
export const Responses = ({ responses, raw }: { responses: readonly ShownResponse[]; raw?: boolean }) => (
  <div className={classes.responses}>
    {responses.map(({ key, title, text }) => (
      <article key={key} className={classes.response}>
        <Text size="xs" fw={600} c="dimmed" component="div">
          {title}
        </Text>
        {text === null ? (
          <Text c="dimmed">[erased]</Text>
        ) : text === '' ? (
          <Nothing />
        ) : (
          <Markdown text={text} raw={raw} />
        )}
      </article>
    ))}
  </div>
)

const Nothing = () => (
  <Text c="dimmed" fs="italic">
    an empty response
  </Text>
)

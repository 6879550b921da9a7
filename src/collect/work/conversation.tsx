/** What was said before the responses, once. A long one shows its last turns first; `t` opens it whole. */
import { Text } from '@mantine/core'
import { useState } from 'react'
import { useKeys } from '../../web/keys.tsx'
import { Markdown } from '../../web/markdown.tsx'
import type { Work } from '../tasks/contract.ts'
import classes from './screen.module.css'
import { Scroller } from './scroller.tsx'

// Turns never change their place.
const placeName = (place: number) => `turn ${place + 1}`
const names = { system: 'System', user: 'User', assistant: 'Assistant' } as const

export function Conversation({ turns }: { turns: Work['conversation'] }) {
  const [whole, setWhole] = useState(false)
  useKeys(
    turns.length
      ? [
          {
            key: 't',
            label: whole ? 'Keep a long conversation small' : 'Show the whole conversation',
            run: () => setWhole(!whole),
          },
        ]
      : [],
    'Work',
  )
  if (!turns.length) return null
  return (
    <Scroller label="Conversation" className={whole ? undefined : classes.bounded} fromEnd={!whole}>
      <div className={classes.conversation}>
        {turns.map(({ role, text }, place) => (
          <article key={placeName(place)} data-turn data-role={role} tabIndex={-1} className={classes.turn}>
            <Text size="xs" fw={600} c="dimmed">
              {names[role]}
            </Text>
            <Markdown text={text} />
          </article>
        ))}
      </div>
    </Scroller>
  )
}

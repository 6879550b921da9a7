/** The work screen without a task: nothing to do, no connection, a break. */
import { Button, Group, Stack } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { KeyHint, useKeys } from '../../web/keys.tsx'
import { Go } from '../../web/link.tsx'
import { duration } from '../../web/numbers.ts'
import { Empty, Problem } from '../../web/states.tsx'
import type { SessionView } from './session.ts'

const words: Record<SessionView['reason'], { title: string; text: string }> = {
  empty: {
    title: 'Nothing to do at the moment',
    text: 'Every task is answered or in somebody’s hands. Tasks that come back, and new ones, appear here by themselves.',
  },
  'daily-cap': {
    title: 'Enough for today',
    text: 'You have worked as long as this project allows in one day. The next task is there tomorrow.',
  },
}

export const NothingToDo = ({ reason, onRetry }: { reason: SessionView['reason']; onRetry: () => void }) => (
  <Empty
    title={words[reason].title}
    action={
      <Group mt="xs">
        <Button onClick={onRetry}>Look again</Button>
        <Button component={Go} to="/" variant="default">
          To my projects
        </Button>
      </Group>
    }
  >
    {words[reason].text}
  </Empty>
)

export const Unreachable = ({ onRetry }: { onRetry: () => void }) => (
  <Empty title="No connection" action={<Button onClick={onRetry}>Try now</Button>}>
    The server does not answer, so there is no next task yet. It is tried again every few seconds.
  </Empty>
)

interface SensitiveProps {
  contains: string[]
  onShow: () => void
  onSkip: () => Promise<void>
}

/** Said before it is shown; whoever would rather not leaves it to others, and that costs nothing. */
export function Sensitive({ contains, onShow, onSkip }: SensitiveProps) {
  const leaving = useMutation({ mutationFn: onSkip })
  const leave = () => leaving.isPending || leaving.mutate()
  useKeys(
    [
      { key: 'v', label: 'Show what is sensitive', run: onShow },
      { key: 's', label: 'Leave it to others', run: leave },
    ],
    'Work',
  )
  return (
    <Empty
      title={`This task contains: ${contains.join(', ')}`}
      // The Enter that sent the answer before must not show it.
      focus
      action={
        <Stack mt="xs">
          <Group>
            <Button rightSection={<KeyHint k="v" />} onClick={onShow}>
              Show it
            </Button>
            <Button variant="default" rightSection={<KeyHint k="s" />} loading={leaving.isPending} onClick={leave}>
              Leave it to others
            </Button>
          </Group>
          {leaving.error && <Problem error={leaving.error} />}
        </Stack>
      }
    >
      It is shown when you say so. Leaving it costs nothing and is held against nobody.
    </Empty>
  )
}

export function OnBreak({ since, onEnd }: { since: number; onEnd: () => void }) {
  const [now, setNow] = useState(since)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return (
    <Empty
      title="On a break"
      action={
        <Button onClick={onEnd} autoFocus>
          Go on
        </Button>
      }
    >
      For {duration(Math.max(1000, Math.floor((now - since) / 1000) * 1000))}. Your task and what you said of it are
      kept; the time does not count as work.
    </Empty>
  )
}

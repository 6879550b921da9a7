/** The work screen without a task: nothing to do, no connection, a break. */
import { Button, Group } from '@mantine/core'
import { useEffect, useState } from 'react'
import { Go } from '../../web/link.tsx'
import { duration } from '../../web/numbers.ts'
import { Empty } from '../../web/states.tsx'
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

/** Said before it is shown; whoever would rather not leaves it to others, and that costs nothing. */
export const Sensitive = ({
  contains,
  onShow,
  onSkip,
}: {
  contains: string[]
  onShow: () => void
  onSkip: () => void
}) => (
  <Empty
    title={`This task contains: ${contains.join(', ')}`}
    action={
      <Group mt="xs">
        <Button onClick={onShow} autoFocus>
          Show it
        </Button>
        <Button variant="default" onClick={onSkip}>
          Leave it to others
        </Button>
      </Group>
    }
  >
    It is shown when you say so. Leaving it costs nothing and is held against nobody.
  </Empty>
)

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

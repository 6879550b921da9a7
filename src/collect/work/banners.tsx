/** What the annotator must know beside the task: answers that wait, or were refused, a returned answer, a break due. */
import { Alert, Button, Group, Text } from '@mantine/core'
import { duration, plural } from '../../web/numbers.ts'
import { Problem } from '../../web/states.tsx'
import { Judgements } from './judgements.tsx'
import classes from './screen.module.css'
import type { Session, SessionView } from './session.ts'
import type { Break } from './use-work.ts'

interface BannersProps {
  session: Session
  view: SessionView
  rest: Break
}

export function Banners({ session, view, rest }: BannersProps) {
  const { waiting, offline, problem, refused, work } = view
  return (
    <div className={classes.banners} aria-live="polite">
      {waiting > 0 ? (
        <Alert color="yellow" p="xs">
          {plural(waiting, 'answer waits', 'answers wait')} to be sent: the server does not answer. They are kept in
          this browser and sent as soon as it does.
        </Alert>
      ) : (
        offline &&
        work && (
          <Alert color="yellow" p="xs">
            The server does not answer. Go on: what you say is kept in this browser and sent as soon as it does.
          </Alert>
        )
      )}
      {problem && !offline && <Problem error={problem} onRetry={() => void session.start()} />}
      {refused.map((outgoing) => (
        <Alert key={outgoing.key} color="red" p="xs" title={`An answer was not taken: ${outgoing.refused!.message}`}>
          {outgoing.refused!.hint && <Text size="sm">{outgoing.refused!.hint}</Text>}
          <Judgements work={outgoing.work} answers={outgoing.answers} />
          <Button
            size="compact-sm"
            variant="default"
            mt="xs"
            onClick={() => session.forget(outgoing.work.assignment.id)}
          >
            I have read it
          </Button>
        </Alert>
      ))}
      {work?.returned && (
        <Alert color="yellow" p="xs" title="A reviewer returned this answer to you">
          {work.returned}
        </Alert>
      )}
      {rest.due !== undefined && (
        <Alert color="petrol" p="xs">
          <Group gap="sm">
            You have worked {duration(rest.due)} without a pause.
            <Button size="compact-sm" onClick={rest.take}>
              Take a break
            </Button>
            <Button size="compact-sm" variant="default" onClick={rest.putOff}>
              In 10 minutes
            </Button>
          </Group>
        </Alert>
      )}
    </div>
  )
}

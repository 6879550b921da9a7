/** What stands over every page of the demo project: what it is, who the people are, and the way to a project of one's own. */
import { Button, Group, Text } from '@mantine/core'
import { useState } from 'react'
import { type CurrentProject, useMe } from '../web/current.tsx'
import { NewProject } from './new-project.tsx'

export function DemoBanner({ project }: { project: CurrentProject }) {
  const me = useMe()
  const [starting, setStarting] = useState(false)
  return (
    <Group justify="space-between" gap="xs" wrap="wrap">
      <Text size="sm">
        <b>Demo.</b> Its customers and annotators are simulated; its models are real and learn from what these people
        say. {project.demoProblem && <b>It has ended before its time: {project.demoProblem}</b>}
      </Text>
      {me.owner && (
        <Button size="compact-sm" variant="default" onClick={() => setStarting(true)}>
          Start my own project
        </Button>
      )}
      {starting && <NewProject demo={project} onClose={() => setStarting(false)} />}
    </Group>
  )
}

/** Home: the projects one belongs to, each with the action that comes first in one's role; and a new project. */
import { Badge, Button, Group, Stack, Switch, Text, Title } from '@mantine/core'
import { allowed } from '../people/roles.ts'
import { useAddress } from '../web/address.ts'
import { Go } from '../web/link.tsx'
import { plural } from '../web/numbers.ts'
import { Page } from '../web/shell.tsx'
import { Empty, Pending } from '../web/states.tsx'
import type { Project } from './contract.ts'
import { useProjects } from './frame.tsx'
import { NewProject } from './new-project.tsx'
import classes from './screen.module.css'

export function Screen() {
  const { data, error, refetch } = useProjects()
  const [{ new: creating, away }, setAddress] = useAddress()
  const start = () => setAddress({ new: '1' })
  const current = data?.rows.filter((project) => !project.archived) ?? []
  const putAway = data?.rows.filter((project) => project.archived) ?? []
  const shown = away ? [...current, ...putAway] : current
  return (
    <Page
      title="Projects"
      actions={
        <>
          {putAway.length > 0 && (
            <Switch
              label={`${plural(putAway.length, 'project')} put away`}
              checked={away !== undefined}
              onChange={(event) => setAddress({ away: event.currentTarget.checked ? '1' : undefined })}
            />
          )}
          {current.length > 0 && (
            <Button variant="default" onClick={start}>
              New project
            </Button>
          )}
        </>
      }
    >
      {!data && <Pending error={error} onRetry={refetch} lines={6} />}
      {data && shown.length === 0 && (
        <Empty title="No project yet" action={<Button onClick={start}>Start a project</Button>}>
          A project holds prompts, the people who judge responses, and the models that learn from them. Whoever starts
          one leads it; to work in another’s, ask its lead for an invitation.
        </Empty>
      )}
      <ul className={classes.list}>
        {shown.map((project) => (
          <Row key={project.id} project={project} />
        ))}
      </ul>
      {creating && <NewProject onClose={() => setAddress({ new: undefined })} />}
    </Page>
  )
}

function Row({ project }: { project: Project }) {
  const { id, name, description, role, demo, archived, guidelineVersion } = project
  const reads = allowed[role].has('project.read')
  const works = allowed[role].has('annotate') && !archived
  const first = reads ? `/projects/${id}` : `/projects/${id}/work`
  return (
    <li className={classes.row}>
      <Stack gap={2} className={classes.what}>
        <Group gap="xs">
          <Title order={2} className={classes.name}>
            <Go to={first}>{name}</Go>
          </Title>
          {demo && <Badge color="yellow">demo, people simulated</Badge>}
          {archived && <Badge color="gray">put away</Badge>}
        </Group>
        {description && (
          <Text lineClamp={2} title={description}>
            {description}
          </Text>
        )}
        <Text size="sm" c="dimmed">
          You are its {role}
          {guidelineVersion ? `; guideline ${guidelineVersion}` : '; no guideline published yet'}
        </Text>
      </Stack>
      <Group gap="sm" wrap="nowrap">
        {works && (
          <Go to={`/projects/${id}/my-work`}>
            My work<span className={classes.hidden}> on {name}</span>
          </Go>
        )}
        {works && (
          <Button component={Go} to={`/projects/${id}/work`} variant={reads ? 'default' : 'filled'}>
            Work<span className={classes.hidden}> on {name}</span>
          </Button>
        )}
        {reads && (
          <Button component={Go} to={first}>
            Open<span className={classes.hidden}> {name}</span>
          </Button>
        )}
      </Group>
    </li>
  )
}

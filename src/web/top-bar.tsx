/** Top of the shell: project switch, search, activity, me. */
import {
  ActionIcon,
  Button,
  Indicator,
  Menu,
  Popover,
  SegmentedControl,
  Stack,
  Text,
  useMantineColorScheme,
} from '@mantine/core'
import { IconActivity, IconChevronDown, IconSearch, IconUser } from '@tabler/icons-react'
import { useState } from 'react'
import { KeyHint } from './keys.tsx'
import { Go } from './link.tsx'
import { Mark } from './mark.tsx'
import { plural } from './numbers.ts'
import { useOpenPalette } from './palette.tsx'
import { matching } from './palette-match.ts'
import classes from './shell.module.css'
import { Progress, type ProgressProps } from './states.tsx'

interface ActivityItem extends ProgressProps {
  id: string
  /** Where the work can be watched. */
  to?: string
}

export interface TopBarProps {
  project?: { id: string; name: string }
  projects: readonly { id: string; name: string }[]
  onProject: (id: string) => void
  /** Work under way in the background. */
  activity?: readonly ActivityItem[]
  me: { name: string; email?: string }
  /** Further entries of the menu behind the name: my work, new project, account. */
  meItems?: readonly { label: string; to: string }[]
  onSignOut: () => void
}

export function TopBar({ project, projects, onProject, activity = [], me, meItems = [], onSignOut }: TopBarProps) {
  const openPalette = useOpenPalette()
  return (
    <>
      <Go to="/" className={classes.brand} aria-label="Plumbline, all projects">
        <Mark />
        <span className={classes.wide}>Plumbline</span>
      </Go>
      <ProjectSwitch project={project} projects={projects} onProject={onProject} />
      <div className={classes.space} />
      <Button
        visibleFrom="sm"
        variant="default"
        size="xs"
        onClick={openPalette}
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={<KeyHint k="/" />}
      >
        Search
      </Button>
      <ActionIcon hiddenFrom="sm" size="lg" onClick={openPalette} aria-label="Search">
        <IconSearch size={18} aria-hidden />
      </ActionIcon>
      <Activity items={activity} />
      <Me me={me} items={meItems} onSignOut={onSignOut} />
    </>
  )
}

function ProjectSwitch({ project, projects, onProject }: Pick<TopBarProps, 'project' | 'projects' | 'onProject'>) {
  const [query, setQuery] = useState('')
  const shown = matching(
    projects.map(({ id, name }) => ({ id, label: name, group: '' })),
    query,
  )
  return (
    <Menu position="bottom-start" width="18rem" onClose={() => setQuery('')}>
      <Menu.Target>
        <Button
          className={classes.project}
          variant="subtle"
          color="gray"
          size="xs"
          rightSection={<IconChevronDown size={14} aria-hidden />}
          aria-label={project ? `Project: ${project.name}. Switch` : undefined}
        >
          {project?.name ?? 'Choose a project'}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah="60vh" style={{ overflowY: 'auto' }}>
        {projects.length > 8 && (
          <Menu.Search
            placeholder="Find a project"
            aria-label="Find a project"
            value={query}
            onChange={(event) => setQuery(event.currentTarget.value)}
          />
        )}
        {shown.slice(0, 50).map(({ id, label }) => (
          <Menu.Item key={id} onClick={() => onProject(id)} aria-current={id === project?.id || undefined}>
            {label}
          </Menu.Item>
        ))}
        {shown.length === 0 && <Text p="xs">No such project.</Text>}
        {shown.length > 50 && (
          <Text p="xs" size="sm" c="dimmed">
            {plural(shown.length - 50, 'project')} more; type to find them.
          </Text>
        )}
        <Menu.Divider />
        <Menu.Item component={Go} to="/">
          All projects
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function Activity({ items }: { items: readonly ActivityItem[] }) {
  return (
    <Popover position="bottom-end" width="min(24rem, 94vw)" trapFocus>
      <Popover.Target>
        <ActionIcon
          size="lg"
          // The number stands over the edge of the button.
          style={{ overflow: 'visible' }}
          aria-label={`Activity: ${items.length ? `${items.length} under way` : 'nothing under way'}`}
        >
          <Indicator
            disabled={!items.length}
            label={items.length}
            size={14}
            offset={-1}
            styles={{ indicator: { fontSize: '0.6875rem' } }}
          >
            <IconActivity size={18} aria-hidden />
          </Indicator>
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label="Activity">
        <Stack gap="md">
          {items.map(({ id, to, ...progress }) => (
            <div key={id}>
              <Progress {...progress} />
              {to && (
                <Go to={to} className={classes.plainLink}>
                  Open
                </Go>
              )}
            </div>
          ))}
          {!items.length && <Text c="dimmed">Imports, sampling and training that take a while appear here.</Text>}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}

/** Light, dark, or as the system says; remembered by the browser. */
function SchemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <SegmentedControl
      size="xs"
      fullWidth
      aria-label="Colour scheme"
      value={colorScheme}
      onChange={(value) => setColorScheme(value as typeof colorScheme)}
      data={[
        { value: 'auto', label: 'System' },
        { value: 'light', label: 'Light' },
        { value: 'dark', label: 'Dark' },
      ]}
    />
  )
}

function Me({
  me,
  items,
  onSignOut,
}: {
  me: TopBarProps['me']
  items: NonNullable<TopBarProps['meItems']>
  onSignOut: () => void
}) {
  return (
    <Popover position="bottom-end" width="16rem" trapFocus>
      <Popover.Target>
        <ActionIcon size="lg" aria-label={`Me: ${me.name}`}>
          <IconUser size={18} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label="Me">
        <Stack gap="sm">
          <div>
            <Text fw={600}>{me.name}</Text>
            {me.email && (
              <Text size="sm" c="dimmed">
                {me.email}
              </Text>
            )}
          </div>
          <SchemeSwitch />
          {items.map(({ label, to }) => (
            <Go key={to} to={to} className={classes.plainLink}>
              {label}
            </Go>
          ))}
          <Text size="sm" c="dimmed">
            Press <KeyHint k="?" /> for all keys.
          </Text>
          <Button variant="default" size="xs" onClick={onSignOut}>
            Sign out
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}

/** What stands around pages: the shell with the stations of a project, or without any; and the way into a project. */
import { useQuery } from '@tanstack/react-query'
import { Outlet, useParams } from '@tanstack/react-router'
import { type ReactNode, useEffect, useMemo } from 'react'
import { useMyAccount, useSignOut } from '../people/account/me.ts'
import { allowed } from '../people/roles.ts'
import type { Action } from '../platform/contract.ts'
import { clientOf } from '../web/client.ts'
import { type CurrentProject, CurrentProjectIs, useMe, useProject } from '../web/current.tsx'
import { useGo } from '../web/link.tsx'
import { notifyProblem } from '../web/notices.tsx'
import type { Finder, PaletteSearch } from '../web/palette.tsx'
import { anyFound } from '../web/palette-match.ts'
import { Shell } from '../web/shell.tsx'
import { Empty, Loading, Pending } from '../web/states.tsx'
import { type Station, stationsFor } from '../web/stations.ts'
import { projects } from './contract.ts'
import { DemoBanner } from './demo-banner.tsx'
import { hasEnded, useJobs, useLiveJobs } from './jobs/use-jobs.ts'

const api = clientOf({ projects }).projects

/** Projects that one belongs to, with role and settings; the ones put away last. */
export const projectsKey = ['projects']
export const useProjects = () => useQuery({ queryKey: projectsKey, queryFn: () => api.list(), staleTime: 30_000 })

const none: Station[] = []

/** Asks for everything at once that one's role may see. */
function useSearch(project: CurrentProject | null | undefined, finders: readonly Finder[]): PaletteSearch | undefined {
  const go = useGo()
  return useMemo(() => {
    const mine = finders.filter(({ needs }) => project?.can(needs))
    if (!project || !mine.length) return undefined
    return {
      groups: mine.map(({ group }) => group),
      async find(query, signal) {
        const asked = mine.map(async ({ group, find }) =>
          (await find(project.id, query, signal)).map(({ to, ...item }) => ({ ...item, group, run: () => go(to) })),
        )
        return anyFound(asked)
      },
    }
  }, [project, finders, go])
}

function useMyPages(project: CurrentProject | undefined): { label: string; to: string }[] {
  const { owner } = useMe()
  return useMemo(
    () => [
      ...(project?.can('annotate')
        ? [
            { label: 'Work', to: `/projects/${project.id}/work` },
            { label: 'My work', to: `/projects/${project.id}/my-work` },
          ]
        : []),
      { label: 'Projects', to: '/' },
      { label: 'Account', to: '/account' },
      ...(owner ? [{ label: 'Everybody', to: '/people' }] : []),
      { label: 'API reference', to: '/reference' },
    ],
    [project, owner],
  )
}

interface FrameProps {
  project?: CurrentProject
  stations: Station[]
  search?: PaletteSearch
  children: ReactNode
}

function Frame({ project, stations, search, children }: FrameProps) {
  const me = useMe()
  const go = useGo()
  const signOut = useSignOut()
  const mine = useMyAccount().data?.projects ?? []
  const readable = project?.can('project.read') ? project.id : undefined
  const jobs = useJobs(readable).data?.rows.filter((job) => !hasEnded(job)) ?? []
  useLiveJobs(readable)
  return (
    <Shell
      project={project}
      projects={mine.filter(({ archived }) => !archived)}
      onProject={(id) => go(`/projects/${id}`)}
      stations={stations}
      search={search}
      activity={jobs.map(({ id, title, done, total, note }) => ({
        id,
        label: title,
        done,
        total: total ?? undefined,
        detail: note,
        to: `/projects/${readable}/activity?row=${id}`,
      }))}
      banner={project?.demo && !project.archived && <DemoBanner project={project} />}
      me={me}
      meItems={useMyPages(project)}
      onSignOut={() => void signOut().catch(notifyProblem)}
    >
      {children}
    </Shell>
  )
}

/** Pages that belong to no project. */
export const OutsideFrame = () => (
  <Frame stations={none}>
    <Outlet />
  </Frame>
)

/** The project of the address; nothing, and an error, where it is not one's own. */
function useOpenProject(): { project: CurrentProject | undefined; error: unknown; retry?: () => unknown } {
  const { project: id } = useParams({ strict: false }) as { project: string }
  const { data, error, refetch } = useProjects()
  const project = useMemo(() => {
    const found = data?.rows.find((row) => row.id === id)
    return found && { ...found, can: (action: Action) => allowed[found.role].has(action) }
  }, [data, id])
  return data ? { project, error: project ? undefined : notMine } : { project, error, retry: refetch }
}

const notMine = { code: 'not_found', message: 'There is no such project, or it is not yours.', hint: 'Start at /.' }

/** Pages of a project inside the shell; the rail shows only what exists. */
export function ProjectFrame({ pages, finders }: { pages: readonly string[]; finders: readonly Finder[] }) {
  const { project, error, retry } = useOpenProject()
  const stations = useMemo(() => (project ? stationsFor(project.id, pages, project.can) : none), [project, pages])
  const search = useSearch(project, finders)
  return (
    <Frame project={project} stations={stations} search={search}>
      {project ? (
        <CurrentProjectIs project={project}>
          <Outlet />
        </CurrentProjectIs>
      ) : (
        <Pending error={error} onRetry={retry} lines={8} />
      )}
    </Frame>
  )
}

/** The work screen takes the whole window. */
export function WorkFrame() {
  const { project, error, retry } = useOpenProject()
  if (project)
    return (
      <CurrentProjectIs project={project}>
        <Outlet />
      </CurrentProjectIs>
    )
  return <Pending error={error} onRetry={retry} lines={8} />
}

/** /projects/ID alone: the first page of the rail, or the work of those who do nothing else here. */
export function ProjectStart({ pages }: { pages: readonly string[] }) {
  const { id, can } = useProject()
  const go = useGo()
  const first = can('project.read') ? stationsFor(id, pages, can)[0]?.to : undefined
  const to = first ?? (can('annotate') ? `/projects/${id}/work` : undefined)
  useEffect(() => {
    if (to) go(to)
  }, [to, go])
  return to ? <Loading lines={8} /> : <Empty title="Nothing to see here yet">Your role shows no page of it.</Empty>
}

/** Jobs as pages see them: told by the server as they move, and asked for again while they run. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { Job } from '../../platform/jobs/shape.ts'
import { clientOf } from '../../web/client.ts'
import { jobs } from './contract.ts'

export const api = clientOf({ jobs }).jobs

export const hasEnded = ({ state }: Pick<Job, 'state'>): boolean =>
  state === 'done' || state === 'failed' || state === 'cancelled'

/** A lost stream costs a second, never a job that seems to stand still. */
const askAgainMs = 1500

const jobsKey = (project: string) => ['jobs', project]

/**
 * Listens to the events of a project while the page is looked at; what they touch is read again: queries whose key begins
 * with the event's topic and the project. A page in the background
 * listens to nothing: a browser opens six connections to a server at most, for all its tabs together.
 */
export function useLiveJobs(project: string | undefined): void {
  const queries = useQueryClient()
  useEffect(() => {
    if (!project) return
    let source: EventSource | undefined
    const settle = () => void queries.invalidateQueries({ queryKey: jobsKey(project) })
    const hear = ({ data }: MessageEvent<string>) => {
      const { topic } = JSON.parse(data) as { topic?: string }
      if (topic === 'job' || topic === 'gap') settle()
      else if (topic) void queries.invalidateQueries({ queryKey: [topic, project] })
    }
    const follow = () => {
      source?.close()
      source = undefined
      if (document.visibilityState !== 'visible') return
      source = new EventSource(`/api/live?project=${project}`)
      source.onmessage = hear
      // What happened while nobody listened.
      settle()
    }
    follow()
    document.addEventListener('visibilitychange', follow)
    return () => {
      document.removeEventListener('visibilitychange', follow)
      source?.close()
    }
  }, [project, queries])
}

/** One job with what it came to; asked for again until it has ended. */
export const useJob = (project: string, job: string) =>
  useQuery({
    queryKey: [...jobsKey(project), 'one', job],
    queryFn: () => api.show({ project, job }),
    refetchInterval: ({ state: { data } }) => (data && hasEnded(data) ? false : askAgainMs),
  })

/** The newest jobs of a project; without one there are none. */
export const useJobs = (project: string | undefined, limit = 50) =>
  useQuery({
    queryKey: [...jobsKey(project ?? ''), 'newest', limit],
    queryFn: () => api.list({ project: project!, limit }),
    enabled: project !== undefined,
    refetchInterval: ({ state: { data } }) => (data?.rows.every(hasEnded) ? 15_000 : askAgainMs),
  })

/** Cancels or retries, and shows the outcome at once. */
export function useJobActs(project: string) {
  const queries = useQueryClient()
  const then = () => queries.invalidateQueries({ queryKey: jobsKey(project) })
  return {
    cancel: async (job: string) => {
      await api.cancel({ project, job })
      await then()
    },
    retry: async (job: string) => {
      await api.retry({ project, job })
      await then()
    },
  }
}

/** Runs as pages see them: told by the server as they go on, and asked for again in case the telling was lost. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { TrainingEvent } from '../../trainer/schedule/events.ts'
import { clientOf } from '../../web/client.ts'
import { notifyProblem } from '../../web/notices.tsx'
import { runs } from './contract.ts'
import { hasEnded } from './words.ts'

export const api = clientOf({ runs }).runs

/** Begins with the topic of the live events that touch it. */
export const runKey = (project: string, ...rest: unknown[]) => ['run', project, ...rest]

const askAgainMs = 2500

export const useRun = (project: string, run: string | undefined) =>
  useQuery({
    queryKey: runKey(project, run),
    queryFn: ({ signal }) => api.show({ project, run: run! }, { signal }),
    enabled: run !== undefined,
    refetchInterval: ({ state: { data } }) => (data && hasEnded(data) ? false : askAgainMs),
  })

export const useSeries = (project: string, run: string) =>
  useQuery({
    queryKey: runKey(project, run, 'series'),
    queryFn: ({ signal }) => api.series({ project, run }, { signal }),
    placeholderData: keepPreviousData,
  })

type EventOf<Kind extends TrainingEvent['event']> = Extract<TrainingEvent, { event: Kind }>
export type SamplesEvent = EventOf<'samples'>

/** What the model answered, by step; of a step that was done twice the later. */
export const useSamples = (project: string, run: string) =>
  useQuery({
    queryKey: runKey(project, run, 'samples'),
    queryFn: async ({ signal }) => {
      const { rows } = await api.events({ project, run, only: 'samples', limit: 200 }, { signal })
      const byStep = new Map(rows.map(({ event }) => [event.step, event as unknown as SamplesEvent]))
      return [...byStep.values()].sort((a, b) => a.step - b.step)
    },
  })

export const useLog = (project: string, run: string) =>
  useQuery({
    queryKey: runKey(project, run, 'log'),
    queryFn: async ({ signal }) => {
      const log: { seq: number; at: string; event: TrainingEvent }[] = []
      for (let after: number | null = 0; after !== null; ) {
        const { rows, next } = await api.events({ project, run, only: 'log', after, limit: 200 }, { signal })
        for (const { seq, at, event } of rows) {
          // Of states that were saved one after another the last tells all.
          if (event.event === 'checkpoint' && log.at(-1)?.event.event === 'checkpoint') log.pop()
          log.push({ seq, at, event: event as unknown as TrainingEvent })
        }
        after = next
      }
      return log
    },
  })

/** Stops or resumes, and shows the outcome at once. */
export function useRunActs(project: string, run: string) {
  const queries = useQueryClient()
  const onSuccess = () => queries.invalidateQueries({ queryKey: runKey(project) })
  const stop = useMutation({ mutationFn: () => api.stop({ project, run }), onSuccess, onError: notifyProblem })
  const resume = useMutation({ mutationFn: () => api.resume({ project, run }), onSuccess, onError: notifyProblem })
  return { stop, resume }
}

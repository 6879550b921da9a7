/** The session of the work screen in a browser: its clock, what people do on the page, the network that comes and goes. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { clientOf } from '../../web/client.ts'
import { tasks } from '../tasks/contract.ts'
import { Sitting } from './active-time.ts'
import { safeShelf } from './outbox.ts'
import { Session, type SessionView } from './session.ts'

const api = clientOf({ tasks }).tasks

const progressKey = (project: string) => ['progress', project]
const askAgainMs = 1500
type Progress = Awaited<ReturnType<typeof api.progress>>

/** What was done today; true at once after each answer, and asked again now and then. */
export const useProgress = (project: string) =>
  useQuery({
    queryKey: progressKey(project),
    queryFn: () => api.progress({ project }),
    staleTime: 60_000,
    refetchInterval: 120_000,
  })

/** `crypto.randomUUID` is there on https and localhost only. */
const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')

const signs = ['keydown', 'pointerdown', 'pointermove', 'wheel', 'scroll'] as const

/** Calls `touched` when something is done on the page or it is shown or hidden; `tick` every second. */
function usePresence(touched: (visible: boolean) => void, tick: () => void): void {
  useEffect(() => {
    const touch = () => touched(true)
    const look = () => touched(document.visibilityState === 'visible')
    const timer = setInterval(tick, 1000)
    for (const name of signs) window.addEventListener(name, touch, { passive: true, capture: true })
    document.addEventListener('visibilitychange', look)
    return () => {
      clearInterval(timer)
      for (const name of signs) window.removeEventListener(name, touch, { capture: true })
      document.removeEventListener('visibilitychange', look)
    }
  }, [touched, tick])
}

export interface Break {
  /** Active milliseconds since the last one, when it is time for one; undefined: not yet. */
  due: number | undefined
  /** Since when it lasts; undefined: one is at work. */
  since: number | undefined
  take(): void
  putOff(): void
  end(): void
}

export function useWork(project: string, person: string, breakAfterMinutes: number): [Session, SessionView, Break] {
  const queries = useQueryClient()
  const asking = useRef<ReturnType<typeof setTimeout>>(undefined)
  const session = useMemo(
    () =>
      new Session({
        project,
        person,
        api,
        shelf: safeShelf(localStorage),
        now: Date.now,
        newKey,
        onCount(by, activeMs) {
          const queryKey = progressKey(project)
          queries.setQueryData<Progress>(
            queryKey,
            (old) => old && { ...old, today: old.today + by, activeMsToday: old.activeMsToday + by * activeMs },
          )
          // A question that was under way may have counted this answer already: in the next pause it is asked again.
          clearTimeout(asking.current)
          asking.current = setTimeout(() => void queries.invalidateQueries({ queryKey }), askAgainMs)
        },
      }),
    [project, person, queries],
  )
  const view = useSyncExternalStore(session.subscribe, session.view)
  useEffect(() => {
    void session.start()
    const again = () => void session.start()
    window.addEventListener('online', again)
    return () => {
      window.removeEventListener('online', again)
      session.touch(false)
      session.saveDraft()
    }
  }, [session])

  // Signed out elsewhere: the page that asks to sign in leads back here, and what was not sent is still in the outbox.
  const signedOut = view.problem?.code === 'not_signed_in'
  useEffect(() => {
    if (signedOut) void queries.refetchQueries({ queryKey: ['me'] })
  }, [signedOut, queries])

  const sitting = useMemo(() => new Sitting(Date.now(), breakAfterMinutes * 60_000), [breakAfterMinutes])
  const [due, setDue] = useState<number>()
  const [since, setSince] = useState<number>()
  const resting = useRef(false)
  resting.current = since !== undefined
  const presence = useMemo(
    () => ({
      touched(visible: boolean) {
        if (resting.current) return
        session.touch(visible)
        if (visible) sitting.touch(Date.now())
      },
      tick() {
        session.tick()
        const now = Date.now()
        setDue(!resting.current && sitting.isDue(now) ? Math.floor(sitting.worked(now) / 60_000) * 60_000 : undefined)
      },
    }),
    [session, sitting],
  )
  usePresence(presence.touched, presence.tick)
  const rest = useMemo<Pick<Break, 'take' | 'putOff' | 'end'>>(
    () => ({
      take() {
        session.touch(false)
        setDue(undefined)
        setSince(Date.now())
      },
      putOff() {
        sitting.putOff(Date.now())
        setDue(undefined)
      },
      end() {
        sitting.rested(Date.now())
        setSince(undefined)
        session.touch(true)
      },
    }),
    [session, sitting],
  )
  return [session, view, { due, since, ...rest }]
}

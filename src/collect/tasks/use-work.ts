/**
 * The annotator's session: the task at hand, the next one fetched ahead, drafts, and answers on their way. The next task
 * is shown before the last one has left; what is not sent yet waits in the outbox.
 */
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { Problem } from '../../platform/errors.ts'
import { clientOf } from '../../web/client.ts'
import { isOffline, problemOf } from '../../web/problem.ts'
import type { Answer } from '../templates/rules.ts'
import { ActiveTime } from './active-time.ts'
import { tasks, type Work } from './contract.ts'
import { DraftShelf, Outbox, type Outgoing } from './outbox.ts'

const api = clientOf({ tasks }).tasks

/** Tasks held at once: the one at hand and the next. */
const ahead = 2
const undoMs = 10_000
const saveDraftMs = 1000
const retryMs = 3000
const renewEveryMs = 60_000

export interface Undoable {
  submission: string
  until: number
}

export interface WorkSession {
  /** undefined: still loading; null: nothing to do. */
  work: Work | null | undefined
  answers: Answer[]
  setAnswer(answer: Answer): void
  submit(): void
  skip(reason: string): Promise<void>
  flag(reason: string): Promise<void>
  undo(): void
  undoable: Undoable | undefined
  /** Answers that the server does not have yet. */
  unsent: number
  problem: Problem | undefined
  dismiss(): void
  retry(): void
}

export function useWork(project: string, person: string): WorkSession {
  const queries = useQueryClient()
  const outbox = useMemo(() => new Outbox(localStorage, person), [person])
  const drafts = useMemo(() => new DraftShelf(localStorage), [])
  const [held, setHeld] = useState<Work[]>()
  const [answers, setAnswers] = useState<Answer[]>([])
  const [unsent, setUnsent] = useState(() => outbox.list().length)
  const [undoable, setUndoable] = useState<Undoable>()
  const [problem, setProblem] = useState<Problem>()
  const time = useRef(new ActiveTime(Date.now()))
  const openedAt = useRef(new Date().toISOString())
  const sending = useRef<Promise<string | undefined>>(Promise.resolve(undefined))
  const claiming = useRef(false)
  const empty = useRef(false)
  const work = held && (held[0] ?? null)

  const fill = useCallback(
    async (have: number) => {
      if (claiming.current) return
      claiming.current = true
      try {
        for (let n = have; n < ahead; n++) {
          const claimed = await api.claim({ project })
          if (!claimed.assignment) {
            empty.current = true
            break
          }
          empty.current = false
          const next = claimed as Work
          setHeld((list = []) =>
            list.some((one) => one.assignment.id === next.assignment.id) ? list : [...list, next],
          )
        }
        setHeld((list) => list ?? [])
      } catch (error) {
        if (!isOffline(error)) setProblem(problemOf(error))
        setHeld((list) => list ?? (isOffline(error) ? undefined : []))
      } finally {
        claiming.current = false
      }
    },
    [project],
  )

  const load = useCallback(async () => {
    try {
      const { rows } = await api.held({ project })
      const waiting = new Set(outbox.list().map(({ assignment }) => assignment))
      const mine = rows.filter((one) => !waiting.has(one.assignment.id))
      setHeld(mine.length ? mine : undefined)
      await fill(mine.length)
    } catch (error) {
      setProblem(problemOf(error))
      setHeld((list) => list ?? (isOffline(error) ? undefined : []))
    }
  }, [project, outbox, fill])

  useEffect(() => {
    void load()
  }, [load])

  // Each task begins with its newest draft and with a clock of its own.
  useEffect(() => {
    if (!work) return
    const local = drafts.read(work.assignment.id)
    const newer = local && local.revision > work.draftRevision ? local.answers : (work.draft as Answer[] | null)
    setAnswers(newer ?? [])
    time.current = new ActiveTime(Date.now(), document.visibilityState === 'visible')
    openedAt.current = new Date().toISOString()
  }, [work, drafts])

  useEffect(() => {
    const touch = () => time.current.touch(Date.now())
    const visibility = () => time.current.setVisible(Date.now(), document.visibilityState === 'visible')
    const events = ['keydown', 'pointerdown', 'wheel', 'scroll', 'pointermove'] as const
    for (const name of events) window.addEventListener(name, touch, { passive: true, capture: true })
    document.addEventListener('visibilitychange', visibility)
    return () => {
      for (const name of events) window.removeEventListener(name, touch, { capture: true })
      document.removeEventListener('visibilitychange', visibility)
    }
  }, [])

  const saving = useRef<ReturnType<typeof setTimeout>>(undefined)
  const setAnswer = useCallback(
    (answer: Answer) => {
      if (!work) return
      const next = [...answers.filter((one) => one.step !== answer.step || (one.on ?? 0) !== (answer.on ?? 0)), answer]
      const revision = Math.max(drafts.read(work.assignment.id)?.revision ?? 0, work.draftRevision) + 1
      setAnswers(next)
      drafts.write(work.assignment.id, { answers: next, revision })
      clearTimeout(saving.current)
      // The browser's copy is the one that must not be lost; the server's is for another machine.
      saving.current = setTimeout(() => {
        api.draft({ assignment: work.assignment.id, draft: next, revision }).catch(() => {})
      }, saveDraftMs)
    },
    [work, answers, drafts],
  )

  const sendOne = useCallback(
    async (outgoing: Outgoing): Promise<string | undefined> => {
      try {
        const { submission } = await api.submit({
          params: { assignment: outgoing.assignment },
          headers: { 'idempotency-key': outgoing.key },
          body: { annotations: outgoing.answers, activeMs: outgoing.activeMs, openedAt: outgoing.openedAt },
        })
        outbox.remove(outgoing.assignment)
        drafts.remove(outgoing.assignment)
        setUnsent(outbox.list().length)
        void queries.invalidateQueries({ queryKey: ['progress', project] })
        return submission
      } catch (error) {
        const what = problemOf(error)
        if (what.code !== 'offline' && what.code !== 'unavailable' && what.code !== 'internal') {
          // The server has refused it for good: the person is told, and the words stay in the draft.
          outbox.remove(outgoing.assignment)
          setUnsent(outbox.list().length)
          setProblem(what)
        }
        return undefined
      }
    },
    [outbox, drafts, queries, project],
  )

  const flush = useCallback(async () => {
    for (const outgoing of outbox.list()) await sendOne(outgoing)
  }, [outbox, sendOne])

  useEffect(() => {
    const again = () => void flush()
    const timer = setInterval(() => outbox.list().length && again(), retryMs)
    window.addEventListener('online', again)
    return () => {
      clearInterval(timer)
      window.removeEventListener('online', again)
    }
  }, [flush, outbox])

  useEffect(() => {
    const timer = setInterval(() => {
      for (const one of held ?? []) api.renew({ assignment: one.assignment.id }).catch(() => {})
    }, renewEveryMs)
    return () => clearInterval(timer)
  }, [held])

  const leave = useCallback(() => {
    setHeld((list = []) => {
      const rest = list.slice(1)
      if (rest.length < ahead && !empty.current) void fill(rest.length)
      return rest
    })
  }, [fill])

  const submit = useCallback(() => {
    if (!work) return
    clearTimeout(saving.current)
    const outgoing: Outgoing = {
      assignment: work.assignment.id,
      key: crypto.randomUUID(),
      answers,
      activeMs: Math.round(time.current.read(Date.now())),
      openedAt: openedAt.current,
    }
    outbox.put(outgoing)
    setUnsent(outbox.list().length)
    setUndoable(undefined)
    setProblem(undefined)
    leave()
    sending.current = sendOne(outgoing).then((submission) => {
      if (submission) setUndoable({ submission, until: Date.now() + undoMs })
      return submission
    })
  }, [work, answers, outbox, leave, sendOne])

  const undo = useCallback(async () => {
    const submission = undoable?.submission ?? (await sending.current)
    if (!submission) return
    setUndoable(undefined)
    try {
      const back = await api.withdraw({ submission })
      setHeld((list = []) => [back, ...list.filter((one) => one.assignment.id !== back.assignment.id)])
      void queries.invalidateQueries({ queryKey: ['progress', project] })
    } catch (error) {
      setProblem(problemOf(error))
    }
  }, [undoable, queries, project])

  useEffect(() => {
    if (!undoable) return
    const timer = setTimeout(() => setUndoable(undefined), Math.max(0, undoable.until - Date.now()))
    return () => clearTimeout(timer)
  }, [undoable])

  const skip = useCallback(
    async (reason: string) => {
      if (!work) return
      await api.skip({ assignment: work.assignment.id, reason })
      drafts.remove(work.assignment.id)
      leave()
    },
    [work, drafts, leave],
  )

  const flag = useCallback(
    async (reason: string) => {
      if (work) await api.flag({ assignment: work.assignment.id, reason })
    },
    [work],
  )

  return {
    work,
    answers,
    setAnswer,
    submit,
    skip,
    flag,
    undo: () => void undo(),
    undoable,
    unsent,
    problem,
    dismiss: () => setProblem(undefined),
    retry: () => {
      setProblem(undefined)
      void flush()
      void load()
    },
  }
}

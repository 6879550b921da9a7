/** Short notices at the lower edge: what was done and how to undo it, or what failed. `notify({ text: 'Sent', action })` */
import { Box, Button, CloseButton } from '@mantine/core'
import { useEffect, useState, useSyncExternalStore } from 'react'
import classes from './notices.module.css'
import { problemOf } from './problem.ts'

interface Notice {
  text: string
  /** One way to answer, for example Undo; the notice goes when it is taken. */
  action?: { label: string; run: () => void }
  /** How long it stays; a fault stays until it is closed. */
  ms?: number
  fault?: boolean
}

interface Shown extends Notice {
  id: number
}

let shown: readonly Shown[] = []
let lastId = 0
const listeners = new Set<() => void>()
const set = (next: readonly Shown[]) => {
  shown = next
  for (const each of listeners) each()
}
const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Shows a notice, of which four stay at most; the returned function takes it away. */
export function notify(notice: Notice): () => void {
  const id = ++lastId
  set([...shown, { ...notice, id }].slice(-4))
  return () => set(shown.filter((each) => each.id !== id))
}

/** Tells of a fault that has no better place on the page: `onError: notifyProblem`. */
export function notifyProblem(error: unknown): void {
  const { message, where, hint } = problemOf(error)
  notify({ text: [message, where && `(${where})`, hint].filter(Boolean).join(' '), fault: true })
}

/** Where notices appear; once in the whole application. */
export function Notices() {
  const all = useSyncExternalStore(subscribe, () => shown)
  return (
    <div className={classes.stack}>
      <div role="status">{all.map((notice) => notice.fault || <One key={notice.id} notice={notice} />)}</div>
      <div role="alert">{all.map((notice) => notice.fault && <One key={notice.id} notice={notice} />)}</div>
    </div>
  )
}

function One({ notice: { id, text, action, ms = 6000, fault } }: { notice: Shown }) {
  const [held, setHeld] = useState(false)
  const close = () => set(shown.filter((each) => each.id !== id))
  useEffect(() => {
    if (fault || held) return
    const timer = setTimeout(() => set(shown.filter((each) => each.id !== id)), ms)
    return () => clearTimeout(timer)
  }, [fault, held, id, ms])
  return (
    // Whoever is reading or about to press Undo must not lose it.
    <Box
      className={classes.notice}
      data-fault={fault || undefined}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <span>{text}</span>
      {action && (
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            close()
            action.run()
          }}
        >
          {action.label}
        </Button>
      )}
      <CloseButton aria-label="Close notice" onClick={close} />
    </Box>
  )
}

/**
 * What lies in the browser's storage so that a reload, a crash or a lost network loses nothing: answers on their way to
 * the server, from the key press until it has said that it has them, and drafts. Sending is made harmless by the key.
 */
import type { Problem } from '../../platform/errors.ts'
import type { Work } from '../tasks/contract.ts'
import type { Answer } from '../templates/rules.ts'

/** What was sent for a task, and the submission it became where that is known. */
export interface Sent {
  key: string
  answers: Answer[]
  submission?: string
}

export interface Outgoing extends Sent {
  /** The whole task: an answer that is taken back, or refused, is shown again although the server may be out of reach. */
  work: Work
  /** Revision of the draft that it was. */
  revision: number
  activeMs: number
  openedAt: string
  /** It was tried and nobody answered: the server may have it, or not. */
  tried?: boolean
  /** Taken back: whatever the server has of it is to be withdrawn. */
  undone?: boolean
  /** An earlier answer to the same task that was taken back, and must be withdrawn before this one is sent. */
  replaces?: Sent
  /** Why the server will not take it, ever. It stays until the person has seen it. */
  refused?: Problem
}

/** The part of the browser's storage that is needed. */
export type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** Storage that is full or forbidden is replaced by memory: answers are still sent, but do not outlive the page. */
export function safeShelf(shelf: Shelf): Shelf {
  const memory = new Map<string, string>()
  return {
    getItem(key) {
      try {
        return memory.get(key) ?? shelf.getItem(key)
      } catch {
        return memory.get(key) ?? null
      }
    },
    setItem(key, text) {
      try {
        shelf.setItem(key, text)
        memory.delete(key)
      } catch {
        memory.set(key, text)
      }
    },
    removeItem(key) {
      memory.delete(key)
      try {
        shelf.removeItem(key)
      } catch {
        // Nothing can lie in a storage that may not be used.
      }
    },
  }
}

function read<T>(shelf: Shelf, place: string, fallback: T): T {
  try {
    return (JSON.parse(shelf.getItem(place) ?? 'null') as T | null) ?? fallback
  } catch {
    return fallback
  }
}

export class Outbox {
  private readonly shelf: Shelf
  private readonly place: string

  constructor(shelf: Shelf, person: string) {
    this.shelf = shelf
    this.place = `plumbline.outbox.${person}`
  }

  /** Oldest first. */
  list(): Outgoing[] {
    return read<Outgoing[]>(this.shelf, this.place, [])
  }

  find(assignment: string): Outgoing | undefined {
    return this.list().find(({ work }) => work.assignment.id === assignment)
  }

  put(outgoing: Outgoing): void {
    this.write([...this.others(outgoing.work.assignment.id), outgoing])
  }

  /** Changes what lies here; does nothing where it was taken away meanwhile. */
  change(assignment: string, change: Partial<Outgoing>): void {
    this.write(this.list().map((one) => (one.work.assignment.id === assignment ? { ...one, ...change } : one)))
  }

  remove(assignment: string): void {
    this.write(this.others(assignment))
  }

  private others(assignment: string): Outgoing[] {
    return this.list().filter(({ work }) => work.assignment.id !== assignment)
  }

  private write(list: Outgoing[]): void {
    if (list.length) this.shelf.setItem(this.place, JSON.stringify(list))
    else this.shelf.removeItem(this.place)
  }
}

export interface Draft {
  answers: Answer[]
  revision: number
}

/** How long somebody has worked at a task so far, and when it was first shown. */
export type Worked = Pick<Outgoing, 'activeMs' | 'openedAt'>

/** A draft in the browser's storage, beside the one on the server: whichever is newer is shown. */
export class DraftShelf {
  private readonly shelf: Shelf

  constructor(shelf: Shelf) {
    this.shelf = shelf
  }

  private place = (assignment: string) => `plumbline.draft.${assignment}`
  private timePlace = (assignment: string) => `plumbline.worked.${assignment}`

  /** The newest draft of a task: this browser's, or the one that came with it. */
  newest({ assignment, draft, draftRevision }: Work): Draft {
    const local = read<Draft | undefined>(this.shelf, this.place(assignment.id), undefined)
    if (local && local.revision > draftRevision) return local
    return { answers: (draft as Answer[] | null) ?? [], revision: draftRevision }
  }

  write(assignment: string, draft: Draft): void {
    this.shelf.setItem(this.place(assignment), JSON.stringify(draft))
  }

  worked(assignment: string): Worked | undefined {
    return read<Worked | undefined>(this.shelf, this.timePlace(assignment), undefined)
  }

  writeWorked(assignment: string, { activeMs, openedAt }: Worked): void {
    this.shelf.setItem(this.timePlace(assignment), JSON.stringify({ activeMs, openedAt }))
  }

  remove(assignment: string): void {
    this.shelf.removeItem(this.place(assignment))
    this.shelf.removeItem(this.timePlace(assignment))
  }
}

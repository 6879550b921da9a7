/**
 * Answers on their way to the server. They lie in the browser's storage from the key press until the server has said that
 * it has them, so that a reload, a crash or a lost network loses nothing; the key makes sending them again harmless.
 */
import type { Answer } from '../templates/rules.ts'

export interface Outgoing {
  assignment: string
  key: string
  answers: Answer[]
  activeMs: number
  openedAt: string
}

/** The part of the browser's storage that is needed. */
export type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

export class Outbox {
  private readonly shelf: Shelf
  private readonly place: string

  constructor(shelf: Shelf, person: string) {
    this.shelf = shelf
    this.place = `plumbline.outbox.${person}`
  }

  /** Oldest first. */
  list(): Outgoing[] {
    try {
      return JSON.parse(this.shelf.getItem(this.place) ?? '[]') as Outgoing[]
    } catch {
      return []
    }
  }

  put(outgoing: Outgoing): void {
    this.write([...this.list().filter(({ assignment }) => assignment !== outgoing.assignment), outgoing])
  }

  remove(assignment: string): void {
    this.write(this.list().filter((one) => one.assignment !== assignment))
  }

  private write(list: Outgoing[]): void {
    if (list.length) this.shelf.setItem(this.place, JSON.stringify(list))
    else this.shelf.removeItem(this.place)
  }
}

/** A draft in the browser's storage, beside the one on the server: whichever is newer is shown. */
export class DraftShelf {
  private readonly shelf: Shelf

  constructor(shelf: Shelf) {
    this.shelf = shelf
  }

  read(assignment: string): { answers: Answer[]; revision: number } | undefined {
    try {
      const text = this.shelf.getItem(`plumbline.draft.${assignment}`)
      return text ? JSON.parse(text) : undefined
    } catch {
      return undefined
    }
  }

  write(assignment: string, draft: { answers: Answer[]; revision: number }): void {
    this.shelf.setItem(`plumbline.draft.${assignment}`, JSON.stringify(draft))
  }

  remove(assignment: string): void {
    this.shelf.removeItem(`plumbline.draft.${assignment}`)
  }
}

/**
 * Open models, each in its thread. Those used last stay open as long as they fit; one that is at work is never closed,
 * and one that nobody has asked for a while is.
 */
import { fail } from '../platform/errors.ts'
import { type BackgroundModel, openInBackground } from './background.ts'

interface ModelPool {
  /**
   * Acts with the open model of this path (see `findModel`); opened once however many ask at the same time. Throws
   * `unavailable` while as many others are at work as may be.
   */
  use<T>(path: string, act: (model: BackgroundModel) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export interface PoolOptions {
  /** Models that may be idle and open. */
  most?: number
  /** Models that may be at work: each takes its memory, whoever asks. */
  atOnce?: number
  /** Weights of all open models together; one model of 135 million takes about 0.7 GB. */
  parameters?: number
  threads?: number
  /** See `Opening`. */
  dataDir?: string
  idleMs?: number
}

interface Place {
  opening: Promise<BackgroundModel>
  parameters: number
  users: number
  idle?: NodeJS.Timeout
}

export function modelPool({
  most = 4,
  atOnce = 8,
  parameters = 3e8,
  threads,
  dataDir,
  idleMs = 120_000,
}: PoolOptions = {}): ModelPool {
  /** In the order of their last use. */
  const open = new Map<string, Place>()
  const closed = new Set<Promise<void>>()

  const shut = (path: string, { opening, idle }: Place): void => {
    clearTimeout(idle)
    open.delete(path)
    const closing: Promise<void> = opening
      .then(
        (model) => model.close(),
        () => {},
      )
      .finally(() => closed.delete(closing))
    closed.add(closing)
  }
  const overfull = (): boolean => {
    const weights = [...open.values()].reduce((sum, place) => sum + place.parameters, 0)
    return open.size > most || (open.size > 1 && weights > parameters)
  }
  const makeRoom = (): void => {
    for (const [path, place] of open) {
      if (!overfull()) return
      if (!place.users) shut(path, place)
    }
  }
  const placeOf = (path: string): Place => {
    const present = open.get(path)
    if (present) return present
    const atWork = [...open.values()].filter(({ users }) => users).length
    if (atWork >= atOnce)
      fail('unavailable', `${atWork} models are at work, which is as many as may be at a time.`, {
        hint: 'Try again when one of them has finished.',
      })
    const place: Place = { opening: openInBackground(path, { threads, dataDir }), parameters: 0, users: 0 }
    const forget = () => {
      clearTimeout(place.idle)
      if (open.get(path) === place) open.delete(path)
    }
    // One that did not open, or whose thread has died since, is opened anew the next time.
    place.opening.then((model) => {
      place.parameters = model.parameters
      // Not when it has finished: work may take hours.
      makeRoom()
      void model.ended.then(forget)
    }, forget)
    return place
  }

  return {
    async use(path, act) {
      const place = placeOf(path)
      clearTimeout(place.idle)
      place.users++
      open.delete(path)
      open.set(path, place)
      try {
        return await act(await place.opening)
      } finally {
        place.users--
        if (open.get(path) === place) {
          if (!place.users) place.idle = setTimeout(() => shut(path, place), idleMs).unref()
          makeRoom()
        }
      }
    },
    async close() {
      for (const [path, place] of open) shut(path, place)
      await Promise.all(closed)
    },
  }
}

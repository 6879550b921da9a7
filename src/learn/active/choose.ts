/** Looks after every project in which the reward chooses: when few of those ahead are left, or much was learned. */
import { breathe } from '../../platform/breathe.ts'
import type { Platform } from '../../platform/context.ts'
import type { Db } from '../../platform/sql.ts'
import type { Sparse } from '../reward/features.ts'
import { learnerOf } from '../reward/read.ts'
import { commonFeatures, nextOf, pairOf, scoreOf } from './rules.ts'
import {
  type Choosing,
  choosingProjects,
  disagreements,
  isDue,
  lines,
  moveAhead,
  type Waiting,
  waitingTasks,
} from './store.ts'

/** So many texts are read before others have their turn on this thread: some milliseconds. */
const breath = 20

/** Features of tasks that wait: a text never changes, and most tasks wait for long. */
const remembered = new Map<string, Sparse>()
/** Features in all: some 100 MB. */
const mostRemembered = 8_000_000

async function featuresOf(waiting: readonly Waiting[]): Promise<(Sparse | null)[]> {
  const pairs: (Sparse | null)[] = []
  for (const [i, { task, texts }] of waiting.entries()) {
    const pair = texts && (remembered.get(task) ?? pairOf(...texts))
    if (pair) {
      remembered.delete(task)
      remembered.set(task, pair)
    }
    pairs.push(pair)
    if (i % breath === breath - 1) await breathe()
  }
  let size = 0
  for (const { at } of remembered.values()) size += at.length
  for (const [oldest, { at }] of remembered) {
    if (size <= mostRemembered) break
    remembered.delete(oldest)
    size -= at.length
  }
  return pairs
}

/** Chooses for one project; returns how many tasks are now ahead that were not, or 0 where nothing changed. */
export async function chooseFor(db: Db, { project, size, arrivalShare }: Choosing, at: Date): Promise<number> {
  const [{ model, seq }, waiting] = [await learnerOf(db, project), await waitingTasks(db, project)]
  if (size === 0) return moveAhead(db, project, seq, [], at)
  const divided = await disagreements(
    db,
    waiting.map(({ task }) => task),
  )
  const pairs = await featuresOf(waiting)
  const common = commonFeatures(pairs.filter((pair) => pair !== null))
  await breathe()
  const scores = pairs.map((pair, i) => pair && scoreOf(model, pair, common, divided.get(waiting[i]!.task) ?? 0))
  const marked = waiting.map((item, i) => ({ item, score: scores[i]! }))
  const next = lines.flatMap((priority) => {
    const line = marked.filter(({ item }) => item.priority === priority)
    return nextOf(
      line.map(({ item }) => item),
      line.map(({ score }) => score),
      size,
      arrivalShare,
    )
  })
  return moveAhead(db, project, seq, next, at)
}

/** One round over all projects; a loop of the server. */
export async function chooseNext({ db, clock }: Pick<Platform, 'db' | 'clock'>): Promise<void> {
  for (const choosing of await choosingProjects(db))
    if (await isDue(db, choosing)) await chooseFor(db, choosing, clock())
}

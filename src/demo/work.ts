/** The simulated people at work: each claims a task, looks at it, answers it, and claims the next, as anybody may over the API. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, codeOf } from './client.ts'
import { type Judge, judgeOf, type Person, people } from './people.ts'
import { randomOf } from './random.ts'

/** How people stand: they look for work only while there is some. */
export interface Crew {
  /** Lets them work until told otherwise. */
  work(): void
  rest(): void
  /** Sends them home. */
  end(): Promise<void>
}

const lookAgainMs = 200

/** One task from claim to submit; false where there was none. */
async function answerOne(api: Client, project: string, judge: Judge): Promise<boolean> {
  const work = await api.tasks.claim({ project })
  if (!work.assignment) return false
  const { assignment, steps, conversation, targets, order } = work as Extract<typeof work, { steps: unknown }>
  const prompt = conversation.at(-1)?.text ?? ''
  const [left, right] = order.map((place) => targets[place]!.text)
  const { strength, activeMs } = judge.choose(prompt, left!, right!)
  // Strength refers to targets in stored order, never to sides of the screen.
  const payload = { strength: order[0] === 0 ? strength : -strength || 0 }
  try {
    await api.tasks.submit({
      params: { assignment: assignment.id },
      headers: { 'idempotency-key': assignment.id },
      body: { annotations: [{ step: steps[0]!.key, payload }], activeMs },
    })
  } catch (error) {
    // A lease that a slow machine let run out: the task went to somebody else.
    if (codeOf(error) !== 'lease_lost') throw error
  }
  return true
}

/** `failed` hears what keeps one of them from working. */
export function hire(
  project: string,
  clients: ReadonlyMap<string, Client>,
  seed: number,
  failed: (error: unknown) => void,
): Crew {
  let [working, ended] = [false, false]
  const day = async ({ name, kind }: Person): Promise<void> => {
    const api = clients.get(name)!
    const judge = judgeOf(kind, randomOf('work', name, seed))
    while (!ended) {
      if (!(working && (await answerOne(api, project, judge)))) await sleep(lookAgainMs)
    }
  }
  const days = people.map((person) => day(person).catch(failed))
  return {
    work: () => void (working = true),
    rest: () => void (working = false),
    async end() {
      ended = true
      await Promise.all(days)
    },
  }
}

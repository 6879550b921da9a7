/**
 * What many callers ask at the same moment, asked in one statement: under load most of the price of a small query is its
 * round trip. Whoever asks alone is answered at once; those who ask while others are being answered go together next.
 */
import { type Db, sqlState } from './sql.ts'

/** Answers come in the order of the questions. */
type Ask<Question, Answer> = (db: Db, questions: Question[]) => Promise<Answer[]>

const mostAtOnce = 200

interface Waiting<Question, Answer> {
  question: Question
  answered(answer: Answer): void
  failed(reason: unknown): void
}

/** A value that PostgreSQL refuses (class 22), or a row (23): one such question must not take the others with it. */
const isRefusal = (error: unknown) => /^2[23]/.test(sqlState(error) ?? '')

/** A question is put after it was asked, never before: nobody is told what was true earlier. */
function desk<Question, Answer>(db: Db, ask: Ask<Question, Answer>) {
  let waiting: Waiting<Question, Answer>[] = []
  let busy = false
  const work = async () => {
    while (waiting.length) {
      const group = waiting.slice(0, mostAtOnce)
      waiting = waiting.slice(mostAtOnce)
      try {
        const answers = await ask(
          db,
          group.map(({ question }) => question),
        )
        for (const [i, { answered }] of group.entries()) answered(answers[i]!)
      } catch (error) {
        if (isRefusal(error) && group.length > 1)
          for (const { question, answered, failed } of group)
            await ask(db, [question]).then(([answer]) => answered(answer!), failed)
        else for (const { failed } of group) failed(error)
      }
    }
    busy = false
  }
  return (question: Question) =>
    new Promise<Answer>((answered, failed) => {
      waiting.push({ question, answered, failed })
      if (busy) return
      busy = true
      // Requests that arrived in the same turn of the event loop come along.
      setImmediate(work)
    })
}

/** Puts questions to `ask` in groups, for each database apart. */
export function together<Question, Answer>(
  ask: Ask<Question, Answer>,
): (db: Db, question: Question) => Promise<Answer> {
  const desks = new WeakMap<Db, (question: Question) => Promise<Answer>>()
  return (db, question) => {
    let put = desks.get(db)
    if (!put) {
      put = desk(db, ask)
      desks.set(db, put)
    }
    return put(question)
  }
}

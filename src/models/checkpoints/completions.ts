/** `/v1`: the models of projects in OpenAI's dialect, for whoever has an API key of a person that may read them. */
import type { Hono } from 'hono'
import { projectsAllowing } from '../../people/access.ts'
import { fail } from '../../platform/errors.ts'
import { completions, type Served } from '../completions.ts'
import type { Answerers } from '../policies/ask.ts'
import { findCheckpoints } from './store.ts'

/** What each model that answers is called: `project/name`, or its id where that is not one model's alone. */
async function namesOf({ platform: { db } }: Answerers, projects: string[]): Promise<string[]> {
  const models = (await findCheckpoints(db, { projects })).filter(({ head, archived }) => head === 'lm' && !archived)
  const names = models.map(({ projectName, name }) => `${projectName}/${name}`)
  return models.map(({ id }, i) => (names.indexOf(names[i]!) === names.lastIndexOf(names[i]!) ? names[i]! : id))
}

export const projectCompletions = (answerers: Answerers): Hono => {
  const { platform, models } = answerers
  const servedTo = async ({ headers }: Request): Promise<Served> => {
    const projects = await projectsAllowing(platform.db, headers, 'model.read')
    return {
      names: () => namesOf(answerers, projects),
      async use(name, act) {
        const found = (await findCheckpoints(platform.db, { name, projects })).filter(({ archived }) => !archived)
        const [one, ...more] = found
        if (!one)
          return fail('not_found', `There is no model '${name}'.`, { where: 'model', hint: '/v1/models lists them.' })
        if (more.length)
          fail('conflict', `Several models are named '${name}'.`, {
            where: 'model',
            hint: `Name one by its id: ${found.map(({ id }) => id).join(', ')}.`,
          })
        return models.use(one, act)
      },
    }
  }
  return completions(servedTo, (error) => platform.log.error({ err: error }, '/v1 failed'))
}

/** The server side of every feature, in the shape of the contract. */
import { reviews } from './assure/review/server.ts'
import { tasks } from './collect/tasks/server.ts'
import type { Auth } from './people/auth.ts'
import { people } from './people/server.ts'
import { guideline } from './projects/guideline/server.ts'
import { projects } from './projects/server.ts'

export const router = (auth: Auth) => ({ ...people(auth), projects, guideline, tasks, reviews })

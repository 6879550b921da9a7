/** The whole contract: one line a feature. Router, typed client, OpenAPI and the permission table are read off it. */
import { consensus } from './assure/consensus/contract.ts'
import { exports } from './assure/export/contract.ts'
import { gold } from './assure/gold/contract.ts'
import { others } from './assure/others/contract.ts'
import { quality } from './assure/quality/contract.ts'
import { reviews } from './assure/review/contract.ts'
import { prompts } from './collect/prompts/contract.ts'
import { duplicates } from './collect/prompts/duplicates/contract.ts'
import { sampling } from './collect/sampling/contract.ts'
import { tasks } from './collect/tasks/contract.ts'
import { templates } from './collect/templates/contract.ts'
import { gates } from './evaluate/gates/contract.ts'
import { headToHeads } from './evaluate/head-to-head/contract.ts'
import { hybrids } from './evaluate/hybrid/contract.ts'
import { leaderboard } from './evaluate/leaderboard/contract.ts'
import { active } from './learn/active/contract.ts'
import { datasets } from './learn/datasets/contract.ts'
import { reward } from './learn/reward/contract.ts'
import { runs } from './learn/runs/contract.ts'
import { rounds } from './loop/contract.ts'
import { models } from './models/checkpoints/contract.ts'
import { policies } from './models/policies/contract.ts'
import { people } from './people/contract.ts'
import { audit } from './projects/audit/contract.ts'
import { projects } from './projects/contract.ts'
import { guideline } from './projects/guideline/contract.ts'
import { jobs } from './projects/jobs/contract.ts'

export const contract = {
  ...people,
  projects,
  guideline,
  jobs,
  audit,
  models,
  policies,
  prompts,
  duplicates,
  sampling,
  templates,
  tasks,
  consensus,
  quality,
  reviews,
  gold,
  others,
  exports,
  reward,
  datasets,
  active,
  runs,
  leaderboard,
  headToHeads,
  hybrids,
  gates,
  rounds,
}

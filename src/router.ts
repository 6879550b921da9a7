/** The server side of every feature, in the shape of the contract; and who does which kind of job. */
import { consensus } from './assure/consensus/server.ts'
import { exportJob, exports } from './assure/export/server.ts'
import { gold } from './assure/gold/server.ts'
import { others } from './assure/others/server.ts'
import { quality } from './assure/quality/server.ts'
import { reviews } from './assure/review/server.ts'
import { duplicates, duplicatesJob } from './collect/prompts/duplicates/server.ts'
import { checkJob, importJob, prompts } from './collect/prompts/server.ts'
import { sampleJob } from './collect/sampling/job.ts'
import { makeTasksJob } from './collect/sampling/make-tasks.ts'
import { sampling } from './collect/sampling/server.ts'
import { tasks } from './collect/tasks/server.ts'
import { templates } from './collect/templates/server.ts'
import { gates } from './evaluate/gates/server.ts'
import { measureJob } from './evaluate/head-to-head/measure.ts'
import { headToHeads } from './evaluate/head-to-head/server.ts'
import { hybrids } from './evaluate/hybrid/server.ts'
import { leaderboard } from './evaluate/leaderboard/server.ts'
import type { Measure } from './evaluate/work.ts'
import { active } from './learn/active/server.ts'
import { datasetExportJob, datasetJob, datasets } from './learn/datasets/server.ts'
import { reward } from './learn/reward/server.ts'
import { runJob } from './learn/runs/job.ts'
import { runs } from './learn/runs/server.ts'
import { roundJob, rounds } from './loop/server.ts'
import { addModelJob } from './models/checkpoints/add.ts'
import { checkpoints } from './models/checkpoints/server.ts'
import type { Models } from './models/models.ts'
import { policies } from './models/policies/server.ts'
import type { Auth } from './people/auth.ts'
import { people } from './people/server.ts'
import type { Platform } from './platform/context.ts'
import type { JobHandler } from './platform/jobs.ts'
import type { Live } from './platform/live.ts'
import { audit, verifyAuditJob } from './projects/audit/server.ts'
import { guideline } from './projects/guideline/server.ts'
import { jobs } from './projects/jobs/server.ts'
import { projects } from './projects/server.ts'

export const router = (auth: Auth, live: Live, models: Models, measure: Measure) => ({
  ...people(auth),
  projects,
  guideline,
  jobs: jobs(live),
  audit,
  models: checkpoints,
  policies: policies(models),
  prompts,
  duplicates,
  sampling,
  templates,
  tasks,
  consensus,
  quality: quality(measure),
  reviews,
  gold,
  others,
  exports,
  reward,
  datasets,
  active,
  runs,
  leaderboard: leaderboard(measure),
  headToHeads: headToHeads(measure),
  hybrids,
  gates,
  rounds,
})

export const jobHandlers = (platform: Platform, models: Models, measure: Measure): Record<string, JobHandler> => ({
  'verify-audit': verifyAuditJob(platform),
  'add-model': addModelJob({ platform, models }),
  import: importJob(platform),
  'import-check': checkJob(platform),
  duplicates: duplicatesJob(platform),
  sample: sampleJob({ platform, models }),
  'make-tasks': makeTasksJob(platform),
  export: exportJob(platform),
  dataset: datasetJob(platform),
  'dataset-export': datasetExportJob(platform),
  'head-to-head': measureJob({ platform, models }),
  run: runJob(platform),
  round: roundJob(platform, measure),
})

import { implement } from '@orpc/server'
import { authorised } from '../../people/access.ts'
import { recordAudit } from '../../platform/audit.ts'
import type { CallContext } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import { inTransaction } from '../../platform/sql.ts'
import { guideline as contract } from './contract.ts'
import { difference, isSame } from './rules.ts'
import { answersByVersion, findDraft, findVersion, listVersions, publishVersion, saveDraft } from './store.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

const outdated = (): never =>
  fail('conflict', 'Someone else has changed the draft meanwhile.', {
    where: 'revision',
    hint: 'Load it again; your text is still on this screen.',
  })

export const guideline = os.router({
  draft: os.draft.handler(({ input: { project }, context: { platform } }) => findDraft(platform.db, project)),

  saveDraft: os.saveDraft.handler(({ input: { project, clauses, revision }, context: { platform, caller } }) =>
    inTransaction(platform.db, async (trx) => {
      const before = await findDraft(trx, project, true)
      const after = (await saveDraft(trx, project, clauses, revision, caller.id)) ?? outdated()
      await recordAudit(
        trx,
        [{ actor: caller.id, action: 'guideline.draft', subject: `project ${project}`, project, before, after }],
        platform.clock(),
      )
      return after
    }),
  ),

  impact: os.impact.handler(async ({ input: { project }, context: { platform } }) => {
    const { db } = platform
    const [{ clauses }, versions, answers] = await Promise.all([
      findDraft(db, project),
      listVersions(db, project),
      answersByVersion(db, project),
    ])
    const since = new Map(versions.map((one) => [one.version, difference(one.clauses, clauses)]))
    return {
      ...difference(versions[0]?.clauses ?? [], clauses),
      answers: answers.map((row) => ({ ...row, touched: !isSame(since.get(row.version)!) })),
    }
  }),

  publish: os.publish.handler(({ input: { project, note, revision }, context: { platform, caller } }) =>
    inTransaction(platform.db, async (trx) => {
      const draft = await findDraft(trx, project, true)
      if (draft.revision !== revision) outdated()
      if (!draft.clauses.length) fail('bad_input', 'An empty guideline cannot be published.', { where: 'clauses' })
      const version = await publishVersion(trx, project, draft.clauses, note, caller.id, platform.clock())
      await recordAudit(
        trx,
        [
          {
            actor: caller.id,
            action: 'guideline.publish',
            subject: `guideline ${version}`,
            project,
            after: draft.clauses,
          },
        ],
        platform.clock(),
      )
      return (await findVersion(trx, project, version))!
    }),
  ),

  versions: os.versions.handler(async ({ input: { project }, context: { platform } }) => ({
    rows: (await listVersions(platform.db, project)).map(({ clauses: _, ...version }) => version),
  })),

  version: os.version.handler(
    async ({ input: { project, version }, context: { platform } }) =>
      (await findVersion(platform.db, project, version)) ??
      fail('not_found', 'There is no such version.', { where: 'version' }),
  ),
})

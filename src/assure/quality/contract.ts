/** Quality: how far people agree, and what each of them does: work, time, agreement, side of the screen. */
import { z } from 'zod'
import { anyOf, cursor, endpoint, id, inProject, known, page, pageOf, why } from '../../platform/contract.ts'
import { shownJudgement } from '../others/contract.ts'
import {
  alarms,
  attributeAgreement,
  basis,
  change,
  contestedKinds,
  contestedRow,
  finding,
  groupBias,
  person,
  personDrift,
  personQuality,
  point,
  share,
  tested,
} from './shapes.ts'

export const quality = {
  agreement: endpoint('GET', '/projects/{project}/quality/agreement', 'quality.read', 'Agreement on each attribute')
    .input(inProject)
    .output(
      z.object({
        rows: z.array(attributeAgreement),
        /** Percent agreement of the preference by the tag of the prompt; and by day, week or month of the last answer. */
        slices: z.array(share),
        overTime: z.object({ every: z.enum(['day', 'week', 'month']), rows: z.array(share) }),
        simulated: z.boolean(),
        basis,
      }),
    ),
  pairs: endpoint('GET', '/projects/{project}/quality/pairs', 'quality.read', 'Agreement of each two people')
    .input(inProject.extend({ attribute: z.string().max(60).default('preference') }))
    .output(
      z.object({
        people: z.array(person),
        /** Percent agreement of two people on what both answered; Wilson's interval. */
        pairs: z.array(z.object({ first: id, second: id, agreement: known, kappa: z.number().nullable() })),
      }),
    ),
  contested: endpoint(
    'GET',
    '/projects/{project}/quality/contested',
    'quality.read',
    'Tasks that people judged differently, and why',
  )
    .input(inProject.extend({ ...page, after: cursor, kind: anyOf(z.enum(contestedKinds)) }))
    .output(pageOf(contestedRow).extend({ counts: z.record(z.enum(contestedKinds), z.number().int()), basis })),
  bias: endpoint('GET', '/projects/{project}/quality/bias', 'quality.read', 'What pulls at the answers of everybody')
    .input(inProject)
    .output(
      z.object({
        /** Share of the left side of the screen among decided comparisons, against one half. */
        position: z.union([tested, why]),
        /** Log odds that a response gains by being twice as long. */
        length: z.union([tested, why]),
        /** Share of the longer response among decided comparisons, against one half. */
        longer: z.union([tested, why]),
        /** Chance that an answer which the others share took longer than one of the same person that they do not. */
        speed: z.union([tested, why]),
        simulated: z.boolean(),
        basis,
      }),
    ),
  people: endpoint(
    'GET',
    '/projects/{project}/quality/people',
    'quality.read',
    'Work, time, agreement and side bias of each person',
  )
    .input(inProject)
    .output(z.object({ rows: z.array(personQuality), basis })),
  suspects: endpoint(
    'GET',
    '/projects/{project}/quality/suspects',
    'quality.read',
    'People whose work looks careless or biased, and why',
  )
    .input(inProject)
    .output(
      z.object({
        /** The surest first; somebody may stand there on several counts. */
        rows: z.array(finding.extend({ person })),
        /** People with answers, accused or not. */
        people: z.number().int(),
        basis,
      }),
    ),
  drift: endpoint(
    'GET',
    '/projects/{project}/quality/drift',
    'quality.read',
    'Whether people agree less with the others than they used to',
  )
    .input(inProject.extend({ person: id.optional() }))
    .output(
      z.object({
        every: z.enum(['day', 'week', 'month']),
        /** Share of answers that the majority of the others gave too, of all together. */
        pool: z.object({
          points: z.array(point),
          change: z.union([change, why]),
          alarms: z.union([alarms, why]),
        }),
        people: z.array(personDrift),
        /** Of the person asked for. */
        points: z.array(point),
        simulated: z.boolean(),
        basis,
      }),
    ),
  groups: endpoint(
    'GET',
    '/projects/{project}/quality/groups',
    'quality.read',
    'Whether people who share a skill see things their own way',
  )
    .input(inProject)
    .output(
      z.object({
        rows: z.array(groupBias),
        /** People with answers who carry any skill. */
        people: z.number().int(),
        fewest: z.number().int(),
        basis,
      }),
    ),
  gold: endpoint(
    'GET',
    '/projects/{project}/quality/gold',
    'quality.read',
    'Answers to tasks whose right answer is known',
  )
    .input(inProject)
    .output(
      z.object({
        /** With a key that was written, or of purpose gold or calibration on a pair that was imported with a judgement. */
        tasks: z.number().int(),
        all: known,
        people: z.array(z.object({ person, right: known })),
        every: z.enum(['day', 'week', 'month']),
        points: z.array(point),
      }),
    ),
  mine: endpoint('GET', '/projects/{project}/quality/mine', 'annotate', 'One’s own work, and what reviewers said of it')
    .input(inProject)
    .output(
      personQuality.omit({ leftSide: true, reliability: true, length: true, speed: true, findings: true }).extend({
        /** Median time of the last twenty answers, to hold against one's own median. */
        recentMedianMs: z.number().nullable(),
        /** Given back by a reviewer and not answered again yet. */
        waiting: z.number().int(),
        notes: z.array(
          z.object({
            verdict: z.enum(['accept', 'correct', 'return']),
            reason: z.string(),
            opening: z.string(),
            at: z.string(),
            /** One's own answer, and the one that took its place. */
            corrected: z.object({ yours: z.array(shownJudgement), theirs: z.array(shownJudgement) }).nullable(),
          }),
        ),
      }),
    ),
}

/** `stats preference --method mixture`: groups of workers with scores of their own. */
import { refuse } from '../errors.ts'
import type { Flags, Found } from './preference.ts'
import { decimals, textTable } from './show.ts'
import { atLeast, readVotes } from './votes.ts'

const defaultPrior = 0.5
/** Numbers of groups whose BIC is shown beside the one asked for. */
const compared = 4

export async function mixtureScores(file: string, flags: Flags, prior = defaultPrior): Promise<Found> {
  const groups = atLeast(flags.groups, '--groups', 1)
  const { votes } = await readVotes(file, flags.columns)
  if (!votes.worker) refuse('There is no column worker.', { where: `${file}, line 1`, hint: '--columns worker=NAME' })
  const workers = votes.workerNames!.length
  if (!Number.isInteger(groups) || groups > workers)
    refuse(`A whole number of groups up to the ${workers} workers was expected.`, { where: '--groups' })
  if (!(prior > 0)) refuse('The mixture needs a prior above 0.', { where: '--prior' })
  const [{ mixtureBradleyTerry }, { finiteItems }, { pairCounts }] = await Promise.all([
    import('../preference/mixture.ts'),
    import('../preference/finite.ts'),
    import('../preference/votes.ts'),
  ])
  const fit = mixtureBradleyTerry(votes, groups, { prior })
  const { component } = finiteItems(pairCounts(votes), 'half', prior)
  const others = Array.from({ length: Math.min(compared, workers) }, (_, g) => g + 1).map((count) => ({
    groups: count,
    bic: count === groups ? fit.bic : mixtureBradleyTerry(votes, count, { prior }).bic,
  }))
  const best = others.reduce((a, b) => (b.bic < a.bic ? b : a))
  const groupOf = (w: number) => {
    const row = fit.membership.subarray(w * groups, (w + 1) * groups)
    return row.indexOf(row.reduce((a, b) => Math.max(a, b))) + 1
  }
  const members = votes.workerNames!.map((_, w) => groupOf(w))
  const summary = Array.from(fit.shares, (share, g) => ({
    group: g + 1,
    share,
    workers: members.filter((own) => own === g + 1).length,
  }))
  return {
    rows: fit.scores.flatMap((score, g) => {
      const total = score.reduce((sum, s) => sum + Math.exp(s), 0)
      return votes.itemNames.map((item, i) => ({
        group: g + 1,
        item,
        score: score[i]!,
        worth: Math.exp(score[i]!) / total,
        component: component[i]!,
      }))
    }),
    workers: [
      ['worker', 'group', ...summary.map(({ group }) => `p(group ${group})`)],
      ...votes.workerNames!.map((worker, w) => [
        worker,
        members[w]!,
        ...fit.membership.subarray(w * groups, (w + 1) * groups),
      ]),
    ],
    more: {
      groups: summary,
      bic: fit.bic,
      compared: others,
      votes: votes.left.length,
      prior,
      logLikelihood: fit.logLikelihood,
      iterations: fit.iterations,
      converged: fit.converged,
    },
    below: `\n${textTable(
      ['group', 'share', 'workers'],
      summary.map(({ group, share, workers: n }) => [String(group), decimals(share, 3), String(n)]),
    )}\n\nBIC: ${others.map(({ groups: count, bic }) => `${count} ${count === 1 ? 'group' : 'groups'} ${bic.toFixed(1)}`).join(', ')}; the least speaks for ${best.groups}.`,
  }
}

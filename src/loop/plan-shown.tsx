/** The whole plan of a round, folded away below its picture. */
import { useQuery } from '@tanstack/react-query'
import { policies } from '../models/policies/contract.ts'
import { clientOf } from '../web/client.ts'
import { useProject } from '../web/current.tsx'
import type { Round } from './contract.ts'
import classes from './loop.module.css'
import { sayPlan } from './plan-words.ts'
import { titles } from './rules.ts'

const api = clientOf({ policies }).policies

export function PlanShown({ round }: { round: Round }) {
  const { id: project, can } = useProject()
  const { data } = useQuery({
    queryKey: ['policies', project],
    queryFn: ({ signal }) => api.list({ project }, { signal }),
    enabled: can('policy.read'),
  })
  const nameOf = (id: string) => data?.rows.find((policy) => policy.id === id || policy.checkpointId === id)?.name
  return (
    <details>
      <summary>Plan</summary>
      <dl className={classes.plan}>
        {sayPlan(round, nameOf).map(([station, words]) => (
          <div key={station}>
            <dt>{titles[station]}</dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}

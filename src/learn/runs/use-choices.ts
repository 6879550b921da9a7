/** What a new run can be made of: datasets, models to begin from, reward models. */
import { useQuery } from '@tanstack/react-query'
import { catalogue, catalogued } from '../../models/catalogue.ts'
import { models } from '../../models/checkpoints/contract.ts'
import { presets } from '../../trainer/model/config.ts'
import type { Algorithm } from '../../trainer/schedule/spec.ts'
import { clientOf } from '../../web/client.ts'
import { count } from '../../web/numbers.ts'
import { datasets } from '../datasets/contract.ts'

const api = clientOf({ models, datasets })

interface Choice {
  value: string
  label: string
}

export interface Choices {
  datasets: Choice[]
  basesFor(algorithm: Algorithm): { group: string; items: Choice[] }[]
  rewards: Choice[]
  /** Weights of a base; a small number where they are not known, as of presets. */
  parametersOf(base: string): number
}

const untrained = Object.keys(presets).map((value) => ({
  value,
  label: `${value}, new, ${/\d+/.exec(value)} million weights`,
}))

async function choicesOf(project: string, signal: AbortSignal): Promise<Choices> {
  const [taken, { rows: own }] = await Promise.all([
    api.datasets.list({ project, limit: 200 }, { signal }),
    api.models.list({ project }, { signal }),
  ])
  const usable = own.filter(({ archived }) => !archived)
  const groups = (mine: typeof usable) => [
    { group: 'Models of the project', items: mine.map(({ id, name }) => ({ value: id, label: name })) },
    { group: 'New', items: untrained },
    { group: 'Fetched by name', items: catalogue.map(({ name, title }) => ({ value: name, label: title })) },
  ]
  return {
    datasets: taken.rows.map(({ id, name, kind, train, test }) => ({
      value: id,
      label: `${name}: ${kind}, ${count(train)} rows, ${count(test)} held out`,
    })),
    // A reward model has no words: only another reward model begins with it.
    basesFor: (algorithm) =>
      groups(usable.filter(({ head }) => algorithm === 'reward' || head === 'lm')).filter(({ items }) => items.length),
    rewards: [
      { value: 'online', label: 'The reward that learns while people work' },
      ...usable.filter(({ head }) => head === 'scalar').map(({ id, name }) => ({ value: id, label: name })),
    ],
    parametersOf: (base) => own.find(({ id }) => id === base)?.parameters ?? catalogued(base)?.parameters ?? 1e6,
  }
}

export const useChoices = (project: string) =>
  useQuery({ queryKey: ['run-choices', project], queryFn: ({ signal }) => choicesOf(project, signal) })

/** A minimal kind: whether one response is acceptable. Stands outside of src/ to show that a kind is a folder and a line. */
import { z } from 'zod'
import { defineKind } from '../../../src/collect/kinds/kind.ts'

const settings = z.object({ askWhy: z.boolean().default(false) })
const payload = z.strictObject({ acceptable: z.boolean(), why: z.string().max(500).optional() })

export const acceptable = defineKind<z.infer<typeof payload>, z.infer<typeof settings>>({
  name: 'acceptable',
  version: 1,
  title: 'Is it acceptable',
  settings,
  payload: ({ askWhy }) => (askWhy ? payload.required({ why: true }) : payload),
  missing: (payload) => (payload ? ['why'] : ['whether it is acceptable']),
  votes: ({ payload }) => [{ attribute: 'acceptable', label: payload.acceptable ? 'yes' : 'no' }],
  pairs: () => [],
  rows: ({ payload, targets: [response] }) => [
    { response: response!, acceptable: payload.acceptable, why: payload.why ?? null },
  ],
  columns: () => [
    { name: 'response', type: 'string' },
    { name: 'acceptable', type: 'boolean' },
    { name: 'why', type: 'string' },
  ],
})

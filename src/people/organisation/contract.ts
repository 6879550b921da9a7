/** Everybody with an account here, as the owners of the organisation see them. */
import { z } from 'zod'
import { endpoint, id, page, pageOf, timestamp } from '../../platform/contract.ts'

export const person = z.object({
  id,
  name: z.string(),
  email: z.string(),
  owner: z.boolean(),
  disabled: z.boolean(),
  twoFactor: z.boolean(),
  simulatedAs: z.string().nullable(),
  projects: z.number().int(),
  createdAt: timestamp,
})
export type Person = z.infer<typeof person>

const onePerson = z.object({ person: id })

export const organisation = {
  list: endpoint('GET', '/people', 'owner', 'Everybody with an account, in the order of their accounts')
    .input(z.object({ ...page, search: z.string().trim().max(200).optional() }))
    .output(pageOf(person)),
  show: endpoint('GET', '/people/{person}', 'owner', 'Show somebody').input(onePerson).output(person),
  change: endpoint('PATCH', '/people/{person}', 'owner', 'Make somebody an owner or a member, disable or enable them', {
    description:
      'Disabling ends every session and every API key of the person at once. `twoFactor: false` turns the second factor ' +
      'off, for somebody who has lost it.',
  })
    .input(
      onePerson.extend({
        owner: z.boolean().optional(),
        disabled: z.boolean().optional(),
        twoFactor: z.literal(false).optional(),
      }),
    )
    .output(person),
  passwordLink: endpoint(
    'POST',
    '/people/{person}/password-link',
    'owner',
    'Make a link with which somebody sets a new password',
  )
    .input(onePerson)
    .output(z.object({ link: z.string(), expiresAt: timestamp })),
}

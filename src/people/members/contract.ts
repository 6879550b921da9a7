/** Who works on a project, and in which role. */
import { z } from 'zod'
import { anyOf, done, endpoint, id, inProject, page, pageOf, timestamp } from '../../platform/contract.ts'
import { roleName, skills } from '../shapes.ts'

export const member = z.object({
  person: id,
  name: z.string(),
  email: z.string(),
  role: roleName,
  skills: z.array(z.string()),
  /** The kind of simulated annotator; null: a human being. */
  simulatedAs: z.string().nullable(),
  disabled: z.boolean(),
  joinedAt: timestamp,
})
export type Member = z.infer<typeof member>

const oneMember = inProject.extend({ person: id })

export const members = {
  list: endpoint(
    'GET',
    '/projects/{project}/members',
    'member.read',
    'Members of a project, in the order of their accounts',
  )
    .input(inProject.extend({ ...page, role: anyOf(roleName), search: z.string().trim().max(200).optional() }))
    .output(pageOf(member)),
  show: endpoint('GET', '/projects/{project}/members/{person}', 'member.read', 'Show a member')
    .input(oneMember)
    .output(member),
  change: endpoint('PATCH', '/projects/{project}/members/{person}', 'member.write', "Change a member's role or skills")
    .input(oneMember.extend({ role: roleName.optional(), skills: skills.optional() }))
    .output(member),
  remove: endpoint(
    'DELETE',
    '/projects/{project}/members/{person}',
    'member.write',
    'Take a member out of the project',
    {
      description: 'What the person has annotated stays.',
    },
  )
    .input(oneMember)
    .output(done),
}

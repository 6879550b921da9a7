/** A project is never left without a lead who can work. */
import type { Role } from '../roles.ts'

/** `leads`: the people who can lead now. `role` undefined: the person leaves. */
export const leavesLeaderless = (leads: string[], person: string, role: Role | undefined): boolean =>
  role !== 'lead' && leads.length === 1 && leads[0] === person

/** What the numbers of `assignments.state` and `queue.state` mean. */
import { literals } from '../../platform/sql.ts'

export const assignmentState = { leased: 0, answered: 1, expired: 2, skipped: 3, givenBack: 4, returned: 5 } as const
export const queueState = { open: 0, handedOut: 1, answered: 2, withdrawn: 3 } as const
/** The same, as SQL. */
export const assigned = literals(assignmentState)
export const queued = literals(queueState)

/** An answer that is looked at stays the reviewer's: long evidence takes longer to read than a lease lasts. */
import { useEffect } from 'react'
import { tasks } from '../../collect/tasks/contract.ts'
import { clientOf } from '../../web/client.ts'

const api = clientOf({ tasks }).tasks

const renewEveryMs = 60_000

export function useRenewedLease(assignment: string | undefined): void {
  useEffect(() => {
    if (!assignment) return
    const renew = () =>
      api.renew({ assignment }).catch(() => {
        // Lost or without a network: the verdict says so when it is sent.
      })
    const timer = setInterval(() => void renew(), renewEveryMs)
    return () => clearInterval(timer)
  }, [assignment])
}

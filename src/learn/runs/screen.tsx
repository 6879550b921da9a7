/** Runs: all of them, one, two beside each other, or a new one; the address says which. */
import { useAddress } from '../../web/address.ts'
import { Compare } from './compare.tsx'
import { RunList } from './list.tsx'
import { NewRun } from './new-run.tsx'
import { OneRun } from './one-run.tsx'

export function Screen() {
  const [{ run, compare, new: isNew, fork }] = useAddress()
  if (isNew || fork) return <NewRun key={fork} fork={fork} />
  if (run && compare) return <Compare first={run} second={compare === 'choose' ? undefined : compare} />
  return run ? <OneRun key={run} id={run} /> : <RunList />
}

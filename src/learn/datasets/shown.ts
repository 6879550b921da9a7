/** A dataset as API and command line show it. */

import type { ListedDataset, ShownDataset } from './contract.ts'
import { datasetFormats } from './export.ts'
import { filterLines, inBrief } from './filter-words.ts'
import type { Snapshot } from './read.ts'

export const listed = (snapshot: Snapshot): ListedDataset => {
  const { id, name, kind, hash, counts, roundId, createdAt } = snapshot
  return {
    id,
    name,
    kind,
    hash,
    rows: counts.rows,
    train: counts.splits.train.rows,
    test: counts.splits.test.rows,
    says: filterLines(snapshot),
    brief: inBrief(snapshot),
    simulated: counts.annotations.simulated > 0,
    roundId,
    createdAt: createdAt.toISOString(),
  }
}

export const shown = (snapshot: Snapshot): ShownDataset => ({
  ...listed(snapshot),
  filters: snapshot.filters,
  counts: snapshot.counts,
  card: snapshot.card,
  createdBy: snapshot.createdBy,
  formats: datasetFormats[snapshot.kind],
})

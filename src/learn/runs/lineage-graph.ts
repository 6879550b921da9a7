/** The line of a model as a picture: what came of what. */
import { sql } from 'kysely'
import { all, type Db, one } from '../../platform/sql.ts'
import type { Counts } from '../datasets/contract.ts'
import type { LineageGraph, LineageNode } from './contract.ts'
import { withLine } from './lineage.ts'

const plural = (n: number, one: string, many = `${one}s`) => `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`

interface LineRow {
  id: string
  name: string
  head: 'lm' | 'scalar'
  base: string
  baseId: string | null
  run: string | null
}

interface OwnRun {
  id: string
  name: string
  algorithm: string
  snapshotId: string
  snapshot: string
  counts: Pick<Counts, 'rows' | 'annotations' | 'guidelineVersions'>
  rewardId: string | null
  rewardSeq: number | null
}

const pairsHeard = (db: Db, project: string, seq: number) =>
  one(
    db,
    sql<{ n: number }>`
      SELECT count(*)::int AS n FROM reward_pairs WHERE project_id = ${project} AND seq <= ${seq}`,
  )

/** The same as a picture: what came of what. Nodes are named by kind and id, so that each stands there once. */
export async function lineageGraph(db: Db, project: string, checkpoint: string): Promise<LineageGraph> {
  const models = await all(
    db,
    withLine<LineRow>(
      project,
      checkpoint,
      sql`SELECT c.id, c.name, c.head, c.base, c.base_id AS "baseId", c.run_id AS run FROM checkpoints c
        WHERE c.id IN (SELECT id FROM line) ORDER BY c.id`,
    ),
  )
  const runs = await all(
    db,
    withLine<OwnRun>(
      project,
      checkpoint,
      sql`SELECT r.id, r.name, r.algorithm, s.id AS "snapshotId", s.name AS snapshot, s.counts,
        r.reward_id AS "rewardId", r.reward_seq AS "rewardSeq" FROM own r JOIN snapshots s ON s.id = r.snapshot_id ORDER BY r.id`,
    ),
  )
  const graph = new Picture()
  for (const { id, name, head, base, baseId, run } of models) {
    const own = graph.add({ kind: head === 'lm' ? 'policy' : 'reward', of: id, name })
    const from = baseId
      ? `${models.find((model) => model.id === baseId)?.head === 'scalar' ? 'reward' : 'policy'} ${baseId}`
      : graph.add({ kind: 'base', of: base, name: base })
    if (run) graph.link(`run ${run}`, own)
    graph.link(from, run ? `run ${run}` : own)
  }
  for (const { id, name, algorithm, rewardId, rewardSeq, ...run } of runs) {
    const own = graph.add({ kind: 'run', of: id, name, detail: algorithm })
    graph.link(snapshotNode(graph, run), own)
    if (rewardId) graph.link(`reward ${rewardId}`, own)
    if (rewardSeq === null) continue
    const { n } = await pairsHeard(db, project, rewardSeq)
    const detail = `as it had heard of ${plural(n, 'pair')}`
    graph.link(graph.add({ kind: 'online', of: id, name: 'Reward that learns while people work', detail }), own)
  }
  return graph.drawn()
}

function snapshotNode(
  graph: Picture,
  { snapshotId, snapshot, counts }: Pick<OwnRun, 'snapshotId' | 'snapshot' | 'counts'>,
): string {
  const { rows, annotations, guidelineVersions } = counts
  const own = graph.add({ kind: 'snapshot', of: snapshotId, name: snapshot, detail: plural(rows, 'row') })
  const judged = graph.add({
    kind: 'annotations',
    of: snapshotId,
    name: plural(annotations.all, 'annotation'),
    detail: annotations.imported
      ? `${annotations.imported.toLocaleString('en-US')} imported`
      : `of ${plural(annotations.people, 'person', 'people')}`,
  })
  graph.link(judged, own)
  for (const { version } of guidelineVersions)
    if (version !== null)
      graph.link(graph.add({ kind: 'guideline', of: String(version), name: `Guideline ${version}` }), judged)
  return own
}

/** Nodes and links, each once. */
class Picture {
  private nodes = new Map<string, LineageNode>()
  private links = new Map<string, { from: string; to: string }>()

  add(node: Omit<LineageNode, 'id'>): string {
    const id = `${node.kind} ${node.of}`
    this.nodes.set(id, { id, ...node })
    return id
  }

  link(from: string, to: string): void {
    this.links.set(`${from} ${to}`, { from, to })
  }

  drawn(): LineageGraph {
    return { nodes: [...this.nodes.values()], links: [...this.links.values()] }
  }
}

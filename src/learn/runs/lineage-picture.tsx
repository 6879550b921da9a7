/** The picture of a lineage: what came of what, each thing a link to where it is shown. */
import { Text } from '@mantine/core'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import type { LineageGraph, LineageNode } from './contract.ts'
import classes from './lineage.module.css'
import { layOut, type Placed } from './lineage-layout.ts'

/** Pixels of a box and of the room between two. */
const [width, height, gapX, gapY] = [176, 62, 20, 40]
const leftOf = ({ column }: Placed) => column * (width + gapX)
const topOf = ({ row }: Placed) => row * (height + gapY)

const kinds: Readonly<Record<LineageNode['kind'], string>> = {
  policy: 'policy',
  reward: 'reward model',
  run: 'run',
  base: 'began as',
  snapshot: 'dataset',
  annotations: 'what people said',
  guideline: 'guideline',
  online: 'scored by',
}

/** Where a thing is shown; a preset is shown nowhere. */
function pageOf({ kind, of, name }: LineageNode, project: string): string | undefined {
  const page = {
    policy: `models?row=${of}`,
    reward: `models?row=${of}`,
    run: `runs?run=${of}`,
    snapshot: `datasets?dataset=${encodeURIComponent(name)}`,
    guideline: 'guideline',
    online: 'reward',
    annotations: undefined,
    base: undefined,
  }[kind]
  return page && `/projects/${project}/${page}`
}

function Box({ node }: { node: Placed }) {
  const { id: project } = useProject()
  const { kind, name, detail } = node
  const to = kind === 'annotations' ? '#annotations' : pageOf(node, project)
  const style = { left: leftOf(node), top: topOf(node), width, height }
  const content = (
    <>
      <span className={classes.kind}>{kinds[kind]}</span>
      <span className={classes.name}>{name}</span>
      {detail && <span className={classes.kind}>{detail}</span>}
    </>
  )
  const box = { className: classes.box, style, title: [name, detail].filter(Boolean).join(', '), 'data-kind': kind }
  if (!to) return <div {...box}>{content}</div>
  return kind === 'annotations' ? (
    <a {...box} href={to}>
      {content}
    </a>
  ) : (
    <Go {...box} to={to}>
      {content}
    </Go>
  )
}

export function LineagePicture({ graph }: { graph: LineageGraph }) {
  const nodes = layOut(graph)
  const places = new Map(nodes.map((node) => [node.id, node]))
  const size = {
    width: Math.max(...nodes.map((node) => leftOf(node) + width)),
    height: Math.max(...nodes.map((node) => topOf(node) + height)),
  }
  return (
    <figure className={classes.figure} aria-label="Where it comes from">
      <Text component="figcaption" size="sm" c="dimmed" mb="sm">
        Each thing stands above what it was made of. Open one to see it.
      </Text>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className={classes.scroll} aria-label="Picture" tabIndex={0}>
        <div className={classes.canvas} style={size}>
          <svg {...size} aria-hidden="true">
            {graph.links.map(({ from, to }) => {
              const [below, above] = [places.get(from)!, places.get(to)!]
              const [x1, y1] = [leftOf(below) + width / 2, topOf(below)]
              const [x2, y2] = [leftOf(above) + width / 2, topOf(above) + height]
              const bend = gapY / 2
              return (
                <path key={`${from} ${to}`} d={`M${x1},${y1} C${x1},${y1 - bend} ${x2},${y2 + bend} ${x2},${y2}`} />
              )
            })}
          </svg>
          {nodes.map((node) => (
            <Box key={node.id} node={node} />
          ))}
        </div>
      </section>
    </figure>
  )
}

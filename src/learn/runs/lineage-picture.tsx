/** The picture of a lineage: what came of what, each thing a link to where it is shown. */
import { Text } from '@mantine/core'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import type { LineageGraph, LineageNode } from './contract.ts'
import classes from './lineage.module.css'
import { boxHeight, boxWidth, type Drawn, layOut, type Point } from './lineage-layout.ts'

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

function Box({ node }: { node: Drawn['boxes'][number] }) {
  const { id: project } = useProject()
  const { kind, name, detail } = node
  const to = kind === 'annotations' ? '#annotations' : pageOf(node, project)
  const style = { left: node.x, top: node.y, width: boxWidth, height: boxHeight }
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

/** Straight beside boxes, bent between two rows. */
const pathOf = ([start, ...rest]: Point[]): string =>
  rest.reduce(
    ({ path, from }, to, i) => {
      const middle = (from.y + to.y) / 2
      const step = i % 2 ? `L${to.x},${to.y}` : `C${from.x},${middle} ${to.x},${middle} ${to.x},${to.y}`
      return { path: `${path} ${step}`, from: to }
    },
    { path: `M${start!.x},${start!.y}`, from: start! },
  ).path

export function LineagePicture({ graph }: { graph: LineageGraph }) {
  const { boxes, lines, width, height } = layOut(graph)
  return (
    <figure className={classes.figure} aria-label="Where it comes from">
      <Text component="figcaption" size="sm" c="dimmed" mb="sm">
        Each thing stands above what it was made of. Open one to see it.
      </Text>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className={classes.scroll} aria-label="Picture" tabIndex={0}>
        <div className={classes.canvas} style={{ width, height }}>
          <svg width={width} height={height} aria-hidden="true">
            {lines.map(({ id, points }) => (
              <path key={id} d={pathOf(points)} />
            ))}
          </svg>
          {boxes.map((node) => (
            <Box key={node.id} node={node} />
          ))}
        </div>
      </section>
    </figure>
  )
}

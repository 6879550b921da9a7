/** One run: how far it is, its figures over the steps, what it answers, what happened, and what to do with it. */
import { Button, Group, Stack } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useAddress } from '../../web/address.ts'
import { useProject } from '../../web/current.tsx'
import { KeyHint, useKeys } from '../../web/keys.tsx'
import { Go } from '../../web/link.tsx'
import { Page } from '../../web/shell.tsx'
import { Pending } from '../../web/states.tsx'
import type { ShownRun } from './contract.ts'
import { Ended, How, Log, Settings } from './run-facts.tsx'
import classes from './runs.module.css'
import { Samples } from './samples.tsx'
import { StepCharts } from './step-charts.tsx'
import { useRun, useRunActs, useSamples, useSeries } from './use-runs.ts'
import { canResume, hasEnded } from './words.ts'

export function OneRun({ id }: { id: string }) {
  const { id: project } = useProject()
  const { data: run, error, refetch } = useRun(project, id)
  return (
    <Page title={run?.name ?? 'Run'} actions={run && <Acts run={run} />}>
      <Stack gap="xl">
        <Go to={`/projects/${project}/runs`}>All runs</Go>
        {!run ? (
          <Pending error={error} onRetry={refetch} lines={10} what="Reading the run" />
        ) : (
          <>
            <How run={run} />
            <Course run={run} />
            <Ended run={run} />
            <Settings run={run} />
            <Log run={run} />
          </>
        )}
      </Stack>
    </Page>
  )
}

function Acts({ run }: { run: ShownRun }) {
  const { id: project, can } = useProject()
  const [, setAddress] = useAddress()
  const { stop, resume } = useRunActs(project, run.id)
  const writes = can('model.write')
  const stops = writes && !hasEnded(run)
  const resumes = writes && canResume(run)
  const fork = () => setAddress({ run: undefined, step: undefined, fork: run.id })
  const compare = () => setAddress({ compare: 'choose' })
  useKeys(
    [
      ...(stops ? [{ key: 'x', label: 'Stop', run: () => stop.mutate() }] : []),
      ...(resumes ? [{ key: 'u', label: 'Resume', run: () => resume.mutate() }] : []),
      ...(writes ? [{ key: 'f', label: 'Fork with other settings', run: fork }] : []),
      { key: 'c', label: 'Compare with another', run: compare },
    ],
    'Run',
  )
  return (
    <Group gap="xs">
      <Button variant="default" onClick={compare} rightSection={<KeyHint k="c" />}>
        Compare
      </Button>
      {writes && (
        <Button variant="default" onClick={fork} rightSection={<KeyHint k="f" />}>
          Fork
        </Button>
      )}
      {stops && (
        <Button
          color="red"
          variant="outline"
          loading={stop.isPending}
          onClick={() => stop.mutate()}
          rightSection={<KeyHint k="x" />}
        >
          Stop
        </Button>
      )}
      {resumes && (
        <Button loading={resume.isPending} onClick={() => resume.mutate()} rightSection={<KeyHint k="u" />}>
          Resume
        </Button>
      )}
    </Group>
  )
}

/** Curves and answers beside each other, at one step: under the pointer, or where the keys have gone. */
function Course({ run }: { run: ShownRun }) {
  const { id: project } = useProject()
  const [{ step: pinned }, setAddress] = useAddress()
  const { data: series } = useSeries(project, run.id)
  const { data: samples = [] } = useSamples(project, run.id)
  const [read, setRead] = useState<number>()
  const chosen = pinned !== undefined && /^\d+$/.test(pinned) ? Number(pinned) : undefined
  const step = read ?? chosen
  const curves = useMemo(() => (series ? [{ name: run.name, series }] : []), [series, run.name])
  const walk = (by: number) => {
    const steps = samples.map((one) => one.step)
    if (!steps.length) return
    const at = chosen === undefined ? steps.length - 1 : steps.findLastIndex((one) => one <= chosen)
    const next = steps[Math.min(steps.length - 1, Math.max(0, at + by))]!
    setAddress({ step: String(next) }, { replace: true })
  }
  useKeys(
    samples.length
      ? [
          { key: ',', label: 'Answers at an earlier step', run: () => walk(-1), repeats: true },
          { key: '.', label: 'Answers at a later step', run: () => walk(1), repeats: true },
        ]
      : [],
    'Run',
  )
  if (!series?.steps.length) return null
  return (
    <div className={samples.length ? classes.beside : undefined}>
      <section aria-label="Figures">
        <StepCharts curves={curves} step={step} onStep={setRead} columns={samples.length ? 2 : 3} />
      </section>
      {samples.length > 0 && (
        <div>
          <Samples samples={samples} step={step} />
          <Group gap="xs" mt="sm">
            <Button size="compact-sm" variant="default" onClick={() => walk(-1)} rightSection={<KeyHint k="," />}>
              Earlier
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => walk(1)} rightSection={<KeyHint k="." />}>
              Later
            </Button>
          </Group>
        </div>
      )}
    </div>
  )
}

/** What comparisons ask besides which response is better, and how that looks to whoever answers. */
import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { KeyHint, useKeys } from '../../web/keys.tsx'
import { Leaving } from '../../web/leaving.tsx'
import { Go } from '../../web/link.tsx'
import { notify } from '../../web/notices.tsx'
import { problemOf } from '../../web/problem.ts'
import { Page } from '../../web/shell.tsx'
import { Pending, Problem } from '../../web/states.tsx'
import { Editor } from '../kinds/editor.tsx'
import { kinds } from '../kinds/index.ts'
import { issueWords } from '../kinds/issue.ts'
import { Settings } from '../kinds/settings.tsx'
import { type Template, templates } from './contract.ts'
import type { Step } from './rules.ts'

const api = clientOf({ templates }).templates

function useTemplates() {
  const { id: project } = useProject()
  return useQuery({
    queryKey: ['templates', project],
    queryFn: ({ signal }) => api.list({ project }, { signal }),
  })
}

export function Screen() {
  const { data, error, refetch } = useTemplates()
  return (
    <Page title="Comparison">
      {!data && <Pending error={error} onRetry={refetch} lines={10} />}
      {data?.rows.map((template) => (
        <Asked key={template.id} template={template} named={data.rows.length > 1} />
      ))}
    </Page>
  )
}

const problemIn = ({ kind, settings }: Step) => kinds[kind]?.rules.settings.safeParse(settings).error?.issues[0]

function Asked({ template, named }: { template: Template; named: boolean }) {
  const { id: project, can } = useProject()
  const [saved, setSaved] = useState(template)
  const [steps, setSteps] = useState(template.steps)
  /** The last that was whole: half a name is not shown to anybody. */
  const [shown, setShown] = useState(template.steps)
  /** How often another's change was loaded: the fields then begin anew. */
  const [loads, setLoads] = useState(0)
  const adopt = (newer: Template) => {
    setSaved(newer)
    setSteps(newer.steps)
    setShown(newer.steps)
    setLoads(loads + 1)
  }
  const queries = useQueryClient()
  const { refetch } = useTemplates()
  const writes = can('project.write')
  const dirty = JSON.stringify(steps) !== JSON.stringify(saved.steps)
  // Nothing is lost by it.
  if (!dirty && template.version > saved.version) adopt(template)
  const problem = steps.map(problemIn).find((issue) => issue !== undefined)

  const change = (key: string, settings: Step['settings']) => {
    const next = steps.map((step) => (step.key === key ? { ...step, settings } : step))
    setSteps(next)
    if (!next.some(problemIn)) setShown(next)
  }
  const save = useMutation({
    mutationFn: (sent: Step[]) => api.change({ project, template: saved.id, version: saved.version, steps: sent }),
    onSuccess: (after, sent) => {
      setSaved(after)
      // Unless more was changed meanwhile.
      setSteps((now) => (now === sent ? after.steps : now))
      void queries.invalidateQueries({ queryKey: ['templates', project] })
      notify({ text: `New tasks ask for version ${after.version}.` })
    },
  })
  const reload = useMutation({
    mutationFn: async () => (await refetch()).data?.rows.find(({ id }) => id === saved.id),
    onSuccess: (newer) => {
      if (!newer) return
      adopt(newer)
      save.reset()
    },
  })
  const send = () => dirty && !problem && !save.isPending && save.mutate(steps)
  useKeys(writes ? [{ key: 'mod+s', label: 'Save what is asked', run: send, inInputs: true }] : [], 'Comparison')
  const isOutdated = save.error && problemOf(save.error).code === 'conflict'
  return (
    <Stack gap="lg" maw="60rem" mb="xl">
      {named && <Title order={2}>{template.name}</Title>}
      <Text maw="72ch">
        Version {saved.version}. New tasks ask for the newest version; a task that is there, and every answer to it,
        keeps the one it was made with. Pairs that have a task already are asked anew by{' '}
        <Go to={`/projects/${project}/samples?make=1&purpose=re-annotation`}>tasks for judging again</Go>.
      </Text>
      {!writes && <Text c="dimmed">Leads of the project change what is asked.</Text>}
      {steps.map((step, place) => (
        <Stack key={step.key} gap="md">
          {steps.length > 1 && <Title order={3}>{step.title ?? step.key}</Title>}
          <Settings
            key={loads}
            kind={step.kind}
            settings={step.settings}
            onChange={(settings) => change(step.key, settings)}
            disabled={!writes}
          />
          <Preview step={shown[place] ?? step} />
        </Stack>
      ))}
      {save.error && <Problem error={save.error} />}
      {isOutdated && (
        <Group>
          <Button variant="default" loading={reload.isPending} onClick={() => reload.mutate()}>
            Load what is asked now
          </Button>
        </Group>
      )}
      {writes && (
        <Group gap="sm">
          <Button
            disabled={!dirty || problem !== undefined}
            loading={save.isPending}
            onClick={send}
            rightSection={<KeyHint k="mod+s" />}
          >
            Save
          </Button>
          {problem && (
            <Text size="sm" c="var(--warn)" role="status">
              {issueWords(problem)}
            </Text>
          )}
        </Group>
      )}
      <Leaving unsaved={dirty} title="What is asked is not saved" />
    </Stack>
  )
}

/** Can be tried, but has none of the keys: those are the form's. */
function Preview({ step: { kind, settings, target } }: { step: Step }) {
  const [payload, setPayload] = useState<unknown>()
  const targets = target === 'pair' ? [{ text: '' }, { text: '' }] : [{ text: '' }]
  return (
    <section aria-label="How it looks">
      <Text size="sm" fw={600} mb={4}>
        How it looks
      </Text>
      <Paper withBorder p="sm">
        <Editor
          kind={kind}
          settings={settings}
          targets={targets}
          order={targets.map((_, place) => place)}
          payload={payload}
          onChange={setPayload}
          active={false}
        />
      </Paper>
    </section>
  )
}

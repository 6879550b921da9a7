/** Settings of a project: its name, how long a task is held, what is reviewed, how much people work. */
import { Button, Group, Stack, Switch, TagsInput, Text, Textarea, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { clientOf } from '../web/client.ts'
import { useProject } from '../web/current.tsx'
import { useKeys } from '../web/keys.tsx'
import { Go } from '../web/link.tsx'
import { notify } from '../web/notices.tsx'
import { NumberField } from '../web/number-field.tsx'
import { Page } from '../web/shell.tsx'
import { Pending, Problem } from '../web/states.tsx'
import { type Project, projects } from './contract.ts'

const api = clientOf({ projects }).projects

export function Screen() {
  const { id: project } = useProject()
  const { data, error, refetch } = useQuery({
    queryKey: ['project', project],
    queryFn: ({ signal }) => api.show({ project }, { signal }),
  })
  return (
    <Page title="Settings">
      {!data && <Pending error={error} onRetry={refetch} lines={10} />}
      {data && <Form key={data.id} project={data} />}
    </Page>
  )
}

function useSettled() {
  const queries = useQueryClient()
  return () =>
    Promise.all([['project'], ['projects'], ['me']].map((queryKey) => queries.invalidateQueries({ queryKey })))
}

type Edited = Omit<Parameters<typeof api.change>[0], 'project'>

function Form({ project }: { project: Project }) {
  const { can } = useProject()
  // Only what was changed here is sent: the rest may be somebody else's newer word.
  const [edited, setEdited] = useState<Edited>({})
  const { name, description, leaseSeconds } = { ...project, ...edited }
  const settings = { ...project.settings, ...edited.settings }
  const edit = (change: Edited) => setEdited({ ...edited, ...change })
  const set = (change: Edited['settings']) => edit({ settings: { ...edited.settings, ...change } })
  const settled = useSettled()
  const save = useMutation({
    mutationFn: (sent: Edited) => api.change({ project: project.id, ...sent }),
    onSuccess: async (_, sent) => {
      await settled()
      // Unless more was typed meanwhile.
      setEdited((now) => (now === sent ? {} : now))
      notify({ text: 'The settings are saved.' })
    },
  })
  const writes = can('project.write')
  const saveByKey = () => !save.isPending && name.trim() && save.mutate(edited)
  useKeys(writes ? [{ key: 'mod+s', label: 'Save', run: saveByKey, inInputs: true }] : [], 'Settings')
  return (
    <Stack gap="xl" maw="40rem">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate(edited)
        }}
      >
        <Stack gap="md">
          {!writes && <Text c="dimmed">Leads of the project change these.</Text>}
          <TextInput
            label="Name"
            required
            maxLength={200}
            disabled={!writes}
            value={name}
            onChange={(event) => edit({ name: event.currentTarget.value })}
          />
          <Textarea
            label="What it is about"
            description="Annotators see it too."
            autosize
            minRows={2}
            maxRows={10}
            maxLength={5000}
            disabled={!writes}
            value={description}
            onChange={(event) => edit({ description: event.currentTarget.value })}
          />
          <NumberField
            label="Minutes that a task is held"
            description="After that it goes to somebody else, unless its screen is still open. A draft is kept."
            min={0.1}
            max={1440}
            decimalScale={2}
            disabled={!writes}
            value={leaseSeconds / 60}
            onChange={(minutes) => edit({ leaseSeconds: Math.max(1, Math.round(minutes * 60)) })}
          />
          <NumberField
            label="Share of answers that is reviewed"
            suffix=" %"
            min={0}
            max={100}
            decimalScale={1}
            disabled={!writes}
            value={Math.round(settings.reviewShare * 1000) / 10}
            onChange={(percent) => set({ reviewShare: percent / 100 })}
          />
          <Group grow align="flex-start">
            <NumberField
              label="Break after, in minutes of work"
              description="A reminder that can be put off"
              min={5}
              max={480}
              allowDecimal={false}
              disabled={!writes}
              value={settings.breakAfterMinutes}
              onChange={(breakAfterMinutes) => set({ breakAfterMinutes })}
            />
            <NumberField
              label="Most hours of work a day"
              description="A cap that cannot be put off"
              min={0.5}
              max={24}
              step={0.5}
              disabled={!writes}
              value={settings.dailyCapHours}
              onChange={(dailyCapHours) => set({ dailyCapHours })}
            />
          </Group>
          <TagsInput
            label="Tags of sensitive content"
            description="A task on a prompt with one of them says so first, and is shown when the person says so"
            disabled={!writes}
            maxTags={100}
            value={settings.sensitiveTags}
            onChange={(sensitiveTags) => set({ sensitiveTags })}
          />
          <Switch
            label="After submitting, people see what others said"
            checked={settings.showOthersAfterSubmit}
            disabled={!writes}
            onChange={(event) => set({ showOthersAfterSubmit: event.currentTarget.checked })}
          />
          <Switch
            label="After a gold task, people learn whether they gave the expected answer, and why"
            checked={settings.explainGold}
            disabled={!writes}
            onChange={(event) => set({ explainGold: event.currentTarget.checked })}
          />
          {save.error && <Problem error={save.error} />}
          {writes && (
            <Group>
              <Button type="submit" loading={save.isPending} disabled={!name.trim()}>
                Save
              </Button>
            </Group>
          )}
        </Stack>
      </form>
      <section aria-labelledby="asked">
        <Title order={2} id="asked" mb="xs">
          What is asked
        </Title>
        <Text>
          Aspects, reasons and how sure one is: under <Go to={`/projects/${project.id}/comparison`}>Comparison</Go>.
        </Text>
      </section>
      {writes && <Archive project={project} />}
    </Stack>
  )
}

function Archive({ project: { id, archived } }: { project: Project }) {
  const settled = useSettled()
  const archive = useMutation({
    mutationFn: () => api.archive({ project: id, archived: !archived }),
    onSuccess: async () => {
      await settled()
      notify({ text: archived ? 'The project is taken out again.' : 'The project is put away.' })
    },
  })
  return (
    <section aria-labelledby="archive">
      <Title order={2} id="archive" mb="xs">
        {archived ? 'Take it out again' : 'Put the project away'}
      </Title>
      <Text c="dimmed" mb="sm">
        {archived
          ? 'It is put away: nobody is handed a task.'
          : 'It leaves the lists, and nobody is handed a task any more. Nothing is deleted; you can take it out again.'}
      </Text>
      {archive.error && <Problem error={archive.error} />}
      <Button variant="default" loading={archive.isPending} onClick={() => archive.mutate()}>
        {archived ? 'Take it out' : 'Put it away'}
      </Button>
    </section>
  )
}

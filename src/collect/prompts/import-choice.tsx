/** What an upload is read as, and what becomes of it: beside the rows as they will look. */
import { Button, Group, Select, Stack, Switch, TagsInput, Text, Title } from '@mantine/core'
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { KeyHint, useKeys } from '../../web/keys.tsx'
import { NumberField } from '../../web/number-field.tsx'
import { plural } from '../../web/numbers.ts'
import { Pending, Problem } from '../../web/states.tsx'
import { prompts } from './contract.ts'
import classes from './import.module.css'
import { mappingOf, withoutMapping } from './mapping-address.ts'
import { MappingFields } from './mapping-fields.tsx'
import { PreviewRow, Problems } from './preview-rows.tsx'
import { whyNoTask } from './rules.ts'
import { WholeCheck } from './whole-check.tsx'

const api = clientOf({ prompts }).prompts

/** Formats whose columns a person may name. */
const mapped = ['csv', 'jsonl']

/** What a file is that no format fits by itself: a table, or rows of JSON, whose columns want names. */
const tableOf = (file = '') => (/\.(csv|tsv)(\.gz)?$/i.test(file) ? 'csv' : 'jsonl')

/** The address without the upload, and without what was chosen for it. */
export const withoutUpload = { upload: undefined, file: undefined, format: undefined, ...withoutMapping }

export function ImportChoice({ upload }: { upload: string }) {
  const { id: project } = useProject()
  const [address, setAddress] = useAddress()
  const { file, format: wanted } = address
  const [asTasks, setAsTasks] = useState(true)
  const [overlap, setOverlap] = useState(1)
  const [skills, setSkills] = useState<string[]>([])
  const [tags, setTags] = useState<string[]>([])
  const [priority, setPriority] = useState(0)
  const [keepRest, setKeepRest] = useState(true)
  const [checked, setChecked] = useState<{ job: string; of: string }>()

  const mapping = mapped.includes(wanted ?? '') ? mappingOf(address) : undefined
  const formats = useQuery({ queryKey: ['formats'], queryFn: () => api.formats(), staleTime: Number.POSITIVE_INFINITY })
  const preview = useQuery({
    queryKey: ['preview', project, upload, wanted, mapping],
    queryFn: ({ signal }) => api.preview({ project, upload, format: wanted, mapping }, { signal }),
    placeholderData: keepPreviousData,
  })
  const fitting = preview.data?.formats ?? []
  const format = wanted ?? fitting[0]?.name ?? (preview.data && tableOf(file))
  const pairs = preview.data?.records.some(({ responses }) => !whyNoTask(responses.length)) ?? false
  const inPairs = asTasks && pairs
  const choice = { project, upload, format: format!, mapping }
  const start = useMutation({
    mutationFn: () =>
      api.import({
        ...choice,
        tasks: inPairs ? { overlap, skills, priority } : undefined,
        tags,
        onProblem: keepRest ? 'keep-the-rest' : 'take-nothing',
      }),
    // The upload stays in the address: where nothing is taken, one comes back to it.
    onSuccess: ({ job }) => setAddress({ job }, { replace: true }),
  })
  /** What a check was of: another choice may find other rows. */
  const of = JSON.stringify([format, mapping, inPairs])
  const check = useMutation({
    mutationFn: () => api.check({ ...choice, asTasks: inPairs }),
    onSuccess: ({ job }) => setChecked({ job, of }),
  })
  const discard = useMutation({
    mutationFn: () => api.discard({ project, upload }),
    onSettled: () => setAddress(withoutUpload),
  })
  const ready = Boolean(format && preview.data?.records.length)
  const go = () => ready && !start.isPending && start.mutate()
  const look = () => ready && !check.isPending && check.mutate()
  useKeys(
    [
      { key: 'mod+Enter', label: 'Import', run: go, inInputs: true },
      { key: 'c', label: 'Check the whole file', run: look },
    ],
    'Import',
  )

  const others = formats.data?.rows.filter(({ name }) => !fitting.some((one) => one.name === name)) ?? []
  const option = ({ name, title }: { name: string; title: string }) => ({ value: name, label: title })
  return (
    <div className={classes.choice}>
      <Stack gap="md" component="section" aria-label="How to import it">
        <Text fw={600}>{file}</Text>
        <Select
          label="Format"
          allowDeselect={false}
          placeholder="None fits by itself: choose one"
          data={[
            ...(fitting.length ? [{ group: 'Fits', items: fitting.map(option) }] : []),
            { group: fitting.length ? 'Others' : 'All', items: others.map(option) },
          ]}
          value={format ?? null}
          onChange={(value) => setAddress({ format: value ?? undefined }, { replace: true })}
        />
        {preview.data && mapped.includes(format ?? '') && preview.data.columns.length > 0 && (
          <MappingFields
            format={format!}
            columns={preview.data.columns}
            values={preview.data.values}
            optional={fitting.length > 0}
          />
        )}
        <Switch
          label="Make a comparison task of each pair"
          description={pairs ? undefined : 'These rows have no two responses.'}
          checked={inPairs}
          disabled={!pairs}
          onChange={(event) => setAsTasks(event.currentTarget.checked)}
        />
        {inPairs && (
          <>
            <NumberField
              label="Overlap"
              description="How many people judge each task"
              min={1}
              max={1000}
              value={overlap}
              onChange={setOverlap}
            />
            <NumberField
              label="Priority"
              description="Lower comes first"
              min={-1000}
              max={1000}
              value={priority}
              onChange={setPriority}
            />
            <TagsInput
              label="Skills that a person needs"
              placeholder={skills.length ? '' : 'none'}
              maxTags={20}
              value={skills}
              onChange={setSkills}
            />
          </>
        )}
        <TagsInput label="Tags for the prompts" maxTags={20} value={tags} onChange={setTags} />
        <Select
          label="Rows that cannot be taken"
          allowDeselect={false}
          data={[
            { value: 'keep', label: 'Leave them out, take the rest' },
            { value: 'nothing', label: 'Take nothing unless all can be taken' },
          ]}
          value={keepRest ? 'keep' : 'nothing'}
          onChange={(value) => setKeepRest(value === 'keep')}
        />
        {(start.error ?? check.error) && <Problem error={start.error ?? check.error} />}
        <Group>
          <Button onClick={go} loading={start.isPending} disabled={!ready}>
            Import
          </Button>
          <Button
            variant="default"
            onClick={look}
            loading={check.isPending}
            disabled={!ready}
            rightSection={<KeyHint k="c" />}
          >
            Check the whole file
          </Button>
          <Button variant="default" onClick={() => discard.mutate()}>
            Another file
          </Button>
        </Group>
      </Stack>
      <section aria-label="Preview" aria-busy={preview.isPlaceholderData}>
        {checked?.of === of && <WholeCheck job={checked.job} />}
        <Title order={2} mb="xs">
          First rows as they will look
        </Title>
        {!preview.data ? (
          <Pending error={preview.error} onRetry={preview.refetch} lines={10} what="Reading the file" />
        ) : (
          <PreviewOf data={preview.data} inPairs={inPairs} />
        )}
      </section>
    </div>
  )
}

interface PreviewOfProps {
  data: Awaited<ReturnType<typeof api.preview>>
  inPairs: boolean
}

function PreviewOf({ data: { records, problems, columns }, inPairs }: PreviewOfProps) {
  const noTask = records.flatMap(({ line, responses }) => {
    const reason = inPairs && whyNoTask(responses.length)
    return reason ? [{ line, reason }] : []
  })
  const failing = [...problems, ...noTask].sort((a, b) => a.line - b.line)
  if (!records.length && !problems.length)
    return (
      <Text c="dimmed" className="prose">
        {columns.length
          ? `No format fits by itself: say which of its columns hold the prompt and the responses. It has ${columns.join(', ')}.`
          : 'No row was found: the file is empty, or it is none of JSONL, JSON, CSV and TSV.'}
      </Text>
    )
  return (
    <Stack gap="md">
      {failing.length > 0 && (
        <section aria-label="First rows that cannot be taken">
          <Title order={3}>{plural(failing.length, 'row')} among the first cannot be taken</Title>
          <Problems problems={failing} />
        </section>
      )}
      <div>
        {records.map((record) => (
          <PreviewRow key={record.line} record={record} />
        ))}
      </div>
    </Stack>
  )
}

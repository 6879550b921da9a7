/** What an upload is read as, and what becomes of it: beside the rows as they will look. */
import { Button, Group, MultiSelect, Select, Stack, Switch, TagsInput, Text, Title } from '@mantine/core'
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { useKeys } from '../../web/keys.tsx'
import { NumberField } from '../../web/number-field.tsx'
import { plural } from '../../web/numbers.ts'
import { Loading, Problem } from '../../web/states.tsx'
import { prompts } from './contract.ts'
import classes from './import.module.css'
import { PreviewRow, Problems } from './preview-rows.tsx'

const api = clientOf({ prompts }).prompts

/** Formats whose columns a person may name. */
const mapped = ['csv', 'jsonl']

/** What a file is that no format fits by itself: a table, or rows of JSON, whose columns want names. */
const tableOf = (file = '') => (/\.(csv|tsv)(\.gz)?$/i.test(file) ? 'csv' : 'jsonl')

/** The address without the upload, and without what was chosen for it: the next file has other columns. */
const withoutUpload = { upload: undefined, file: undefined, format: undefined, prompt: undefined, response: undefined }

const listed = (text: string | undefined): string[] => (text ? text.split('\n') : [])

export function ImportChoice({ upload }: { upload: string }) {
  const { id: project } = useProject()
  const [{ file, format: wanted, prompt, response }, setAddress] = useAddress()
  const [asTasks, setAsTasks] = useState(true)
  const [overlap, setOverlap] = useState(1)
  const [skills, setSkills] = useState<string[]>([])
  const [tags, setTags] = useState<string[]>([])
  const [keepRest, setKeepRest] = useState(true)

  const mapping =
    prompt && mapped.includes(wanted ?? '') ? { prompt: listed(prompt), responses: listed(response) } : undefined
  const formats = useQuery({ queryKey: ['formats'], queryFn: () => api.formats(), staleTime: Number.POSITIVE_INFINITY })
  const preview = useQuery({
    queryKey: ['preview', project, upload, wanted, mapping],
    queryFn: ({ signal }) => api.preview({ project, upload, format: wanted, mapping }, { signal }),
    placeholderData: keepPreviousData,
  })
  const fitting = preview.data?.formats ?? []
  const format = wanted ?? fitting[0]?.name ?? (preview.data && tableOf(file))
  const pairs = preview.data?.records.some(({ responses }) => responses.length === 2) ?? false
  const start = useMutation({
    mutationFn: () =>
      api.import({
        project,
        upload,
        format: format!,
        mapping,
        tasks: asTasks && pairs ? { overlap, skills } : undefined,
        tags,
        onProblem: keepRest ? 'keep-the-rest' : 'take-nothing',
      }),
    onSuccess: ({ job }) => setAddress({ job, ...withoutUpload }, { replace: true }),
  })
  const discard = useMutation({
    mutationFn: () => api.discard({ project, upload }),
    onSettled: () => setAddress(withoutUpload),
  })
  const ready = Boolean(format && preview.data?.records.length)
  const go = () => ready && !start.isPending && start.mutate()
  useKeys([{ key: 'mod+Enter', label: 'Import', run: go, inInputs: true }], 'Import')

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
        {mapped.includes(format ?? '') && (preview.data?.columns.length ?? 0) > 0 && (
          <>
            <MultiSelect
              label="Columns of the prompt"
              description={
                fitting.length
                  ? 'Several become turns, in this order. None: as the format lays them out.'
                  : 'Several become turns, in this order.'
              }
              data={preview.data?.columns.filter((column) => !listed(response).includes(column))}
              value={listed(prompt)}
              onChange={(values) => setAddress({ format, prompt: values.join('\n') || undefined }, { replace: true })}
              searchable
            />
            <MultiSelect
              label="Columns of the responses"
              data={preview.data?.columns.filter((column) => !listed(prompt).includes(column))}
              value={listed(response)}
              onChange={(values) => setAddress({ format, response: values.join('\n') || undefined }, { replace: true })}
              disabled={!prompt}
              searchable
            />
          </>
        )}
        <Switch
          label="Make a comparison task of each pair"
          description={pairs ? undefined : 'These rows have no two responses.'}
          checked={asTasks && pairs}
          disabled={!pairs}
          onChange={(event) => setAsTasks(event.currentTarget.checked)}
        />
        {asTasks && pairs && (
          <>
            <NumberField
              label="Overlap"
              description="How many people judge each task"
              min={1}
              max={1000}
              value={overlap}
              onChange={setOverlap}
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
          label="Rows that cannot be read"
          allowDeselect={false}
          data={[
            { value: 'keep', label: 'Leave them out, take the rest' },
            { value: 'nothing', label: 'Take nothing unless all can be read' },
          ]}
          value={keepRest ? 'keep' : 'nothing'}
          onChange={(value) => setKeepRest(value === 'keep')}
        />
        {start.error && <Problem error={start.error} />}
        <Group>
          <Button onClick={go} loading={start.isPending} disabled={!ready}>
            Import
          </Button>
          <Button variant="default" onClick={() => discard.mutate()}>
            Another file
          </Button>
        </Group>
      </Stack>
      <section aria-label="Preview" aria-busy={preview.isPlaceholderData}>
        <Title order={2} mb="xs">
          First rows as they will look
        </Title>
        {preview.error ? (
          <Problem error={preview.error} onRetry={() => void preview.refetch()} />
        ) : !preview.data ? (
          <Loading lines={10} what="Reading the file" />
        ) : (
          <PreviewOf data={preview.data} />
        )}
      </section>
    </div>
  )
}

function PreviewOf({ data: { records, problems, columns } }: { data: Awaited<ReturnType<typeof api.preview>> }) {
  if (!records.length && !problems.length)
    return (
      <Text c="dimmed" className="prose">
        {columns.length
          ? `No format fits by itself: say which of its columns hold the prompt and the responses. It has ${columns.join(', ')}.`
          : 'No row was found: the file is empty, or it is none of JSONL, JSON, CSV, TSV and Parquet.'}
      </Text>
    )
  return (
    <Stack gap="md">
      {problems.length > 0 && (
        <section aria-label="Rows that cannot be read">
          <Title order={3}>{plural(problems.length, 'row')} among the first cannot be read</Title>
          <Problems problems={problems} />
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

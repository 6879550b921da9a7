/** Adds a model by a name of the list or by where it lies on the server. */
import { Autocomplete, Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { bytes } from '../../web/numbers.ts'
import { Problem } from '../../web/states.tsx'
import { models, type Source } from './contract.ts'
import { parametersOf } from './rules.ts'

const api = clientOf({ models }).models

const About = ({ source: { title, licence, parameters, bytes: size, here } }: { source: Source }) => (
  <Text size="sm" c="dimmed">
    {[
      title,
      parameters !== null && `${parametersOf(parameters)} parameters`,
      bytes(size),
      licence && `licence ${licence}`,
      here ? 'here already' : 'is fetched first',
    ]
      .filter(Boolean)
      .join(', ')}
  </Text>
)

export function AddForm({ onStarted }: { onStarted: (job: string) => void }) {
  const { id: project } = useProject()
  const [source, setSource] = useState('')
  const [name, setName] = useState('')
  const [licence, setLicence] = useState('')
  const { data, error } = useQuery({
    queryKey: ['model-sources', project],
    queryFn: ({ signal }) => api.sources({ project }, { signal }),
  })
  const add = useMutation({
    mutationFn: () => api.add({ project, source, name: name || undefined, licence: licence || undefined }),
    onSuccess: ({ job }) => onStarted(job),
  })
  const known = data?.rows.find((one) => one.name === source)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        add.mutate()
      }}
    >
      <Stack gap="md">
        {error && <Problem error={error} />}
        <Autocomplete
          label="Model"
          description="A name of the list; or the absolute path, on the server, of a Hugging Face folder, an adapter or a GGUF file."
          placeholder="smollm2-135m"
          required
          maxLength={1000}
          data-autofocus
          classNames={{ input: 'mono' }}
          data={known ? [] : (data?.rows.map((one) => one.name) ?? [])}
          value={source}
          onChange={setSource}
        />
        {known && <About source={known} />}
        <TextInput
          label="Name"
          description="As it is called here; left empty, it keeps its own."
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {!known?.licence && (
          <TextInput
            label="Licence"
            description="What its makers allow: it stands on the card, and on that of each model that is trained from it."
            placeholder="Apache-2.0"
            maxLength={100}
            value={licence}
            onChange={(event) => setLicence(event.currentTarget.value)}
          />
        )}
        <Text size="sm" c="dimmed">
          Its files are copied into the data folder and opened once. What does not open is not added.
        </Text>
        {add.error && <Problem error={add.error} />}
        <Group justify="flex-end">
          <Button type="submit" loading={add.isPending} disabled={!source.trim()}>
            Add the model
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

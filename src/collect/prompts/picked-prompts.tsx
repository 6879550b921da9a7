/** What can be done with several prompts at once: tag them, draw responses for them. */
import { Button, Group, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { useGo } from '../../web/link.tsx'
import { notify, notifyProblem } from '../../web/notices.tsx'
import { plural } from '../../web/numbers.ts'
import type { Selection } from '../../web/selection.tsx'
import { type PromptRow, prompts } from './contract.ts'

const api = clientOf({ prompts }).prompts

/** More would not fit into an address. */
const mostInAddress = 40

export function PickedPrompts({ selection: { keys, clear } }: { selection: Selection<PromptRow> }) {
  const { id: project } = useProject()
  const [tag, setTag] = useState('')
  const queries = useQueryClient()
  const go = useGo()
  const change = useMutation({
    mutationFn: (how: 'add' | 'remove') => api.tag({ project, prompts: keys, [how]: [tag.trim()] }),
    onSuccess: ({ changed }) => {
      notify({ text: `${plural(changed, 'prompt')} tagged anew.` })
      setTag('')
      clear()
      return queries.invalidateQueries({ queryKey: ['prompts', project] })
    },
    onError: notifyProblem,
  })
  if (!keys.length) return null
  return (
    <Group component="section" aria-label="What to do with the picked prompts" gap="sm" mb="sm">
      <Text size="sm" fw={600}>
        {plural(keys.length, 'prompt')} picked
      </Text>
      <TextInput
        size="xs"
        aria-label="Tag"
        placeholder="tag"
        maxLength={60}
        value={tag}
        onChange={(event) => setTag(event.currentTarget.value)}
      />
      <Button size="xs" variant="default" disabled={!tag.trim()} onClick={() => change.mutate('add')}>
        Add the tag
      </Button>
      <Button size="xs" variant="default" disabled={!tag.trim()} onClick={() => change.mutate('remove')}>
        Take the tag off
      </Button>
      <Button
        size="xs"
        variant="default"
        disabled={keys.length > mostInAddress}
        title={keys.length > mostInAddress ? `Tag them to draw for more than ${mostInAddress} at once` : undefined}
        onClick={() => go(`/projects/${project}/samples?draw=1&prompts=${keys.join(',')}`)}
      >
        Draw responses
      </Button>
      <Button size="xs" variant="subtle" onClick={clear}>
        Pick none
      </Button>
    </Group>
  )
}

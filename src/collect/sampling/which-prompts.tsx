/** Which prompts a job is for: all, those with a tag, or those that were picked from the list. */
import { SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { plural } from '../../web/numbers.ts'

export interface Which {
  how: 'all' | 'tag' | 'picked'
  tag: string
}

interface WhichPromptsProps {
  value: Which
  onChange: (value: Which) => void
  picked?: readonly string[]
}

export const WhichPrompts = ({ value, onChange, picked = [] }: WhichPromptsProps) => (
  <Stack gap="xs">
    <Text size="sm" fw={500}>
      Which prompts
    </Text>
    <SegmentedControl
      aria-label="Which prompts"
      value={value.how}
      onChange={(how) => onChange({ ...value, how: how as Which['how'] })}
      data={[
        { value: 'all', label: 'All' },
        { value: 'tag', label: 'With a tag' },
        ...(picked.length ? [{ value: 'picked', label: `${plural(picked.length, 'prompt')} picked` }] : []),
      ]}
    />
    {value.how === 'tag' && (
      <TextInput
        label="Tag"
        required
        maxLength={60}
        value={value.tag}
        onChange={(event) => onChange({ ...value, tag: event.currentTarget.value })}
      />
    )}
  </Stack>
)

/** As the server takes it. */
export const whichOf = ({ how, tag }: Which, picked: readonly string[] = []) =>
  how === 'tag' ? { tag: tag.trim() } : how === 'picked' ? { prompts: [...picked] } : {}

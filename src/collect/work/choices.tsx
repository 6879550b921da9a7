/** What can be done with a task instead of answering it. */
import { Button } from '@mantine/core'
import { KeyHint } from '../../web/keys.tsx'

export const Choices = ({ onAsk }: { onAsk: (what: 'skip' | 'flag') => void }) => (
  <>
    <Button
      variant="subtle"
      color="gray"
      size="xs"
      px={4}
      rightSection={<KeyHint k="s" />}
      onClick={() => onAsk('skip')}
    >
      Skip
    </Button>
    <Button
      variant="subtle"
      color="gray"
      size="xs"
      px={4}
      rightSection={<KeyHint k="f" />}
      onClick={() => onAsk('flag')}
    >
      Flag
    </Button>
  </>
)

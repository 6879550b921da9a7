/** Why a task is skipped, or what is wrong with it. */
import { Button, Group, Modal, Radio, Stack, Text, Textarea } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useKeys } from '../../web/keys.tsx'
import { notify } from '../../web/notices.tsx'
import { Problem } from '../../web/states.tsx'

const skipReasons = ['I cannot judge this', 'Not in a language I know', 'It upsets me', 'The task is broken']

interface AskProps {
  what: 'skip' | 'flag'
  send: (reason: string) => Promise<void>
  onClose: () => void
}

export function Ask({ what, send, onClose }: AskProps) {
  const skips = what === 'skip'
  const [reason, setReason] = useState(skips ? skipReasons[0]! : '')
  const [more, setMore] = useState('')
  const said = [reason, more.trim()].filter(Boolean).join(': ')
  const sending = useMutation({
    mutationFn: () => send(said),
    onSuccess: () => {
      if (!skips) notify({ text: 'It stands before the leads now. You may still answer this task.' })
      onClose()
    },
  })
  useKeys(
    [
      ...(skips
        ? skipReasons.map((label, place) => ({ key: String(place + 1), label, run: () => setReason(label) }))
        : []),
      {
        key: 'mod+Enter',
        label: skips ? 'Skip the task' : 'Send the flag',
        inInputs: true,
        run: () => said && sending.mutate(),
      },
    ],
    skips ? 'Skip' : 'Flag',
    { exclusive: true },
  )
  return (
    <Modal opened onClose={onClose} title={skips ? 'Skip this task' : 'Flag a problem'} centered>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          sending.mutate()
        }}
      >
        <Stack gap="md">
          <Text size="sm">
            {skips
              ? 'Skipping costs you nothing. The task goes to someone else.'
              : 'The leads see it in their list of tasks, with your name. You keep the task and may still answer it.'}
          </Text>
          {skips && (
            <Radio.Group label="Why" value={reason} onChange={setReason}>
              <Stack gap="xs" mt={4}>
                {skipReasons.map((label, place) => (
                  <Radio
                    key={label}
                    value={label}
                    label={`${place + 1}  ${label}`}
                    data-autofocus={place === 0 || undefined}
                  />
                ))}
              </Stack>
            </Radio.Group>
          )}
          <Textarea
            label={skips ? 'Anything to add' : 'What is wrong'}
            value={more}
            onChange={(event) => setMore(event.currentTarget.value)}
            autosize
            minRows={2}
            maxLength={400}
            required={!skips}
            data-autofocus={!skips || undefined}
          />
          {sending.error && <Problem error={sending.error} />}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={!said} loading={sending.isPending}>
              {skips ? 'Skip' : 'Flag'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

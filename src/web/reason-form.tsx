/** Asks for the reason of an act that stays on record with it. */
import { Button, Group, Stack, Textarea } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Problem } from './states.tsx'

interface ReasonFormProps {
  label: string
  /** Where the reason is kept. */
  description: string
  button: string
  color?: string
  /** Does it, with the reason that was given; what it throws is shown. */
  act: (reason: string) => Promise<unknown>
  onDone: () => void
}

export function ReasonForm({ label, description, button, color, act, onDone }: ReasonFormProps) {
  const [reason, setReason] = useState('')
  const acting = useMutation({ mutationFn: () => act(reason), onSuccess: onDone })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        acting.mutate()
      }}
    >
      <Stack gap="md">
        <Textarea
          label={label}
          description={description}
          required
          autosize
          minRows={2}
          maxLength={1000}
          data-autofocus
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {acting.error && <Problem error={acting.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" color={color} loading={acting.isPending} disabled={!reason.trim()}>
            {button}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** Asks before what was typed is left unsaved: for another page, or when the page is closed. */
import { Button, Group, Modal } from '@mantine/core'
import { useBlocker } from '@tanstack/react-router'

export function Leaving({ unsaved, title }: { unsaved: boolean; title: string }) {
  const leaving = useBlocker({ shouldBlockFn: () => true, disabled: !unsaved, withResolver: true })
  return (
    <Modal opened={leaving.status === 'blocked'} onClose={() => leaving.reset?.()} title={title}>
      <Group justify="flex-end">
        <Button variant="default" data-autofocus onClick={leaving.reset}>
          Stay
        </Button>
        <Button color="red" onClick={leaving.proceed}>
          Leave without saving
        </Button>
      </Group>
    </Modal>
  )
}

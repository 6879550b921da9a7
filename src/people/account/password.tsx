/** Changing one's password. */
import { Button, PasswordInput, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { notify } from '../../web/notices.tsx'
import { Problem } from '../../web/states.tsx'
import { passwordFault } from '../rules.ts'
import type { Me } from './contract.ts'
import { api } from './me.ts'
import { NewPassword } from './new-password.tsx'

export function Password({ me }: { me: Me }) {
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const queries = useQueryClient()
  const change = useMutation({
    mutationFn: () => api.changePassword({ current, next }),
    onSuccess: () => {
      setCurrent('')
      setNext('')
      notify({ text: 'The password is changed. Every other session has ended.' })
      void queries.invalidateQueries({ queryKey: ['sessions'] })
    },
  })
  if (!me.hasPassword)
    return (
      <Text c="dimmed">
        You sign in through your organisation, without a password. An owner can make you a link to set one.
      </Text>
    )
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        change.mutate()
      }}
    >
      <Stack gap="sm" align="flex-start">
        <PasswordInput
          label="Password now"
          autoComplete="current-password"
          required
          w="min(20rem, 100%)"
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <NewPassword label="New password" value={next} onChange={setNext} person={me} />
        {change.error && <Problem error={change.error} />}
        <Button
          type="submit"
          variant="default"
          loading={change.isPending}
          disabled={!current || passwordFault(next, me) !== undefined}
        >
          Change the password
        </Button>
      </Stack>
    </form>
  )
}

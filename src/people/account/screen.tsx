/** One's own account: name, password, second factor, where one is signed in, API keys. */
import { Button, Group, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { notify } from '../../web/notices.tsx'
import { Page } from '../../web/shell.tsx'
import { Pending, Problem } from '../../web/states.tsx'
import { ApiKeys } from './api-keys.tsx'
import type { Me } from './contract.ts'
import { api, meKey, useMyAccount } from './me.ts'
import { Password } from './password.tsx'
import { SecondFactor } from './second-factor.tsx'
import { Sessions } from './sessions.tsx'

export function Screen() {
  const { data: me, error, refetch } = useMyAccount()
  return (
    <Page title="Account">
      {!me && <Pending error={error} onRetry={refetch} lines={10} />}
      {me && (
        <Stack gap="xl" maw="44rem">
          <Part title="Name">
            <Name me={me} />
          </Part>
          <Part title="Password">
            <Password me={me} />
          </Part>
          <Part title="Second factor">
            <SecondFactor me={me} />
          </Part>
          <Part title="Where you are signed in">
            <Sessions />
          </Part>
          <Part title="API keys">
            <ApiKeys projects={me.projects} />
          </Part>
        </Stack>
      )}
    </Page>
  )
}

const Part = ({ title, children }: { title: string; children: ReactNode }) => (
  <section aria-label={title}>
    <Title order={2} mb="sm">
      {title}
    </Title>
    {children}
  </section>
)

function Name({ me }: { me: Me }) {
  const [name, setName] = useState(me.name)
  const queries = useQueryClient()
  const save = useMutation({
    mutationFn: () => api.rename({ name }),
    onSuccess: (changed) => {
      queries.setQueryData(meKey, changed)
      notify({ text: 'Your name is saved.' })
    },
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <Stack gap="sm">
        <Group align="flex-end" gap="sm">
          <TextInput
            label="What others see"
            required
            maxLength={200}
            w="20rem"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" loading={save.isPending} disabled={name.trim() === me.name}>
            Save
          </Button>
        </Group>
        <Text size="sm" c="dimmed">
          You sign in as {me.email}
          {me.owner && '; you are an owner of the organisation'}.
        </Text>
        {save.error && <Problem error={save.error} />}
      </Stack>
    </form>
  )
}

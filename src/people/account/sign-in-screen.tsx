/** Signing in: a password, then a code where one is set up; or the organisation's identity provider. */
import { Button, Divider, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useAddress } from '../../web/address.ts'
import { useGo } from '../../web/link.tsx'
import { Loading, Problem } from '../../web/states.tsx'
import { CodeForm } from './code-form.tsx'
import { Door } from './door.tsx'
import { api, useMyAccount } from './me.ts'
import { nextPage } from './next.ts'
import { signIn, ssoAddress } from './sign-in.ts'

const refused = {
  code: 'forbidden',
  message: 'The identity provider signed you in, but you have no account here.',
  hint: 'Ask the person who runs your project for an invitation, then try again.',
}

export function Screen() {
  const [{ next, error }] = useAddress()
  const [secondStep, setSecondStep] = useState(false)
  const how = useQuery({ queryKey: ['sign-in'], queryFn: () => api.signIn() })
  const me = useMyAccount()
  const queries = useQueryClient()
  const go = useGo()
  const target = nextPage(next)
  const enter = () => {
    queries.clear()
    go(target)
  }
  useEffect(() => {
    if (me.data) go(target)
  }, [me.data, target, go])

  if (how.data && !how.data.setUp)
    return (
      <Door title="Plumbline is not set up yet">
        Open the link that <code>npm start</code> printed in the terminal. It makes the owner’s account, once; when it
        is lost, start Plumbline again.
      </Door>
    )
  return (
    <Door title={secondStep ? 'One more step' : 'Sign in'}>
      {how.error && <Problem error={how.error} onRetry={() => void how.refetch()} />}
      {error && <Problem error={refused} />}
      {secondStep ? (
        <CodeForm onDone={enter} onBack={() => setSecondStep(false)} />
      ) : how.isPending ? (
        <Loading />
      ) : (
        <Stack gap="md">
          <PasswordForm onDone={enter} onSecondStep={() => setSecondStep(true)} />
          {how.data?.sso && <Sso name={how.data.sso} next={target} />}
        </Stack>
      )}
    </Door>
  )
}

function PasswordForm({ onDone, onSecondStep }: { onDone: () => void; onSecondStep: () => void }) {
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const enter = useMutation({
    mutationFn: () => signIn(email, password),
    onSuccess: ({ secondFactor }) => (secondFactor ? onSecondStep() : onDone()),
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        enter.mutate()
      }}
    >
      <Stack gap="md">
        <TextInput
          label="E-mail address"
          type="email"
          autoComplete="username"
          autoFocus
          required
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {enter.error && <Problem error={enter.error} />}
        <Button type="submit" loading={enter.isPending}>
          Sign in
        </Button>
      </Stack>
    </form>
  )
}

function Sso({ name, next }: { name: string; next: string }) {
  const leave = useMutation({
    mutationFn: () => ssoAddress(next),
    onSuccess: (url) => window.location.assign(url),
  })
  return (
    <>
      <Divider label="or" />
      {leave.error && <Problem error={leave.error} />}
      <Button variant="default" loading={leave.isPending} onClick={() => leave.mutate()}>
        Continue with {name}
      </Button>
    </>
  )
}

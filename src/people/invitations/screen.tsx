/** What a link opens: the owner's setup, a place in a project, or a new password. */
import { Button, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { clientOf } from '../../web/client.ts'
import { Go, useGo } from '../../web/link.tsx'
import { Loading, Problem } from '../../web/states.tsx'
import { moment } from '../../web/time.tsx'
import { CodeForm } from '../account/code-form.tsx'
import { Door } from '../account/door.tsx'
import { api as account, useMyAccount } from '../account/me.ts'
import { NewPassword } from '../account/new-password.tsx'
import { invitations, type Offer } from './contract.ts'

const api = clientOf({ invitations }).invitations

const titleOf = ({ kind, project }: Offer): string =>
  kind === 'setup' ? 'Set up Plumbline' : kind === 'password' ? 'Set a new password' : `Join ${project}`

const roleWords = {
  lead: 'to lead it',
  engineer: 'as engineer',
  reviewer: 'as reviewer',
  annotator: 'as annotator',
  viewer: 'to look at it',
}

const leadOf = ({ kind, role, invitedBy, name }: Offer): string =>
  kind === 'setup'
    ? 'You become the owner: you bring others in and see every project.'
    : kind === 'password'
      ? `For ${name ?? 'your account'}. Every other session of yours ends.`
      : `${invitedBy ?? 'Your organisation'} invites you ${role ? roleWords[role] : ''}.`

/** The new owner finds the demo turning: it opens by itself while it is all there is. */
async function firstPage(): Promise<string> {
  const { projects } = await account.me()
  return projects.length === 1 ? `/projects/${projects[0]!.id}` : '/'
}

interface Newcomer {
  name?: string
  email?: string
  password?: string
}

export function Screen() {
  const { token = '' } = useParams({ strict: false })
  const offer = useQuery({ queryKey: ['invitation', token], queryFn: () => api.show({ token }), retry: false })
  const me = useMyAccount()
  const [secondStep, setSecondStep] = useState<string>()
  const queries = useQueryClient()
  const go = useGo()
  const enter = (to: string) => {
    // Without this page's own question: asked again, it would say that the link was used.
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'invitation' })
    go(to)
  }
  const accept = useMutation({
    mutationFn: (newcomer: Newcomer) => api.accept({ token, ...newcomer }),
    onSuccess: async ({ body: { project, secondFactor } }) => {
      const to = project ? `/projects/${project}` : offer.data?.kind === 'setup' ? await firstPage() : '/'
      if (secondFactor) setSecondStep(to)
      else enter(to)
    },
  })

  if (offer.error)
    return (
      <Door title="This link leads nowhere">
        <Problem error={offer.error} onRetry={() => void offer.refetch()} />
        <Go to="/sign-in">Sign in</Go>
      </Door>
    )
  if (!offer.data || me.isPending)
    return (
      <Door title="One moment">
        <Loading />
      </Door>
    )
  if (secondStep)
    return (
      <Door title="One more step">
        <CodeForm onDone={() => enter(secondStep)} onBack={() => go('/sign-in')} />
      </Door>
    )
  const { data } = offer
  return (
    <Door title={titleOf(data)} lead={leadOf(data)}>
      {accept.error && <Problem error={accept.error} />}
      {me.data && data.kind === 'project' ? (
        <Button loading={accept.isPending} onClick={() => accept.mutate({})}>
          Join as {me.data.name}
        </Button>
      ) : data.hasAccount && data.kind === 'project' ? (
        <Stack gap="md">
          <Text>You have an account already: sign in as {data.email}, and this page comes back.</Text>
          <Button component={Go} to={`/sign-in?next=${encodeURIComponent(`/invitation/${token}`)}`}>
            Sign in
          </Button>
        </Stack>
      ) : (
        <NewcomerForm offer={data} busy={accept.isPending} onAccept={(newcomer) => accept.mutate(newcomer)} />
      )}
      <Text size="sm" c="dimmed">
        The link is good once, until {moment(new Date(data.expiresAt))}.
      </Text>
    </Door>
  )
}

interface NewcomerFormProps {
  offer: Offer
  busy: boolean
  onAccept: (newcomer: Newcomer) => void
}

function NewcomerForm({ offer, busy, onAccept }: NewcomerFormProps) {
  const [name, setName] = useState(offer.name ?? '')
  const [email, setEmail] = useState(offer.email ?? '')
  const [password, setPassword] = useState('')
  const known = offer.kind === 'password'
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onAccept(known ? { password } : { name, password, email: offer.email ? undefined : email })
      }}
    >
      <Stack gap="md">
        {!known && (
          <TextInput
            label="Your name"
            description="Others in your projects see it."
            autoComplete="name"
            autoFocus
            required
            maxLength={200}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        )}
        <TextInput
          label="E-mail address"
          type="email"
          autoComplete="username"
          required
          readOnly={offer.email !== null}
          description={offer.email !== null && !known ? 'Fixed by the invitation.' : undefined}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <NewPassword value={password} onChange={setPassword} person={{ email, name }} autoFocus={known} />
        <Button type="submit" loading={busy}>
          {known ? 'Set the password' : offer.kind === 'setup' ? 'Create the owner’s account' : 'Join'}
        </Button>
      </Stack>
    </form>
  )
}

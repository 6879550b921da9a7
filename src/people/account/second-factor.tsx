/** A second factor: a code of an authenticator app beside the password, with recovery codes for the day it is lost. */
import { Button, Code, Group, PasswordInput, PinInput, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { CopyText } from '../../web/copy.tsx'
import { notify } from '../../web/notices.tsx'
import { QrCode } from '../../web/qr-code.tsx'
import { Problem } from '../../web/states.tsx'
import type { Me } from './contract.ts'
import { meKey } from './me.ts'
import { beginSecondFactor, endSecondFactor, newRecoveryCodes, verifyCode } from './sign-in.ts'

interface Begun {
  totpURI: string
  backupCodes: string[]
}

export function SecondFactor({ me }: { me: Me }) {
  const [password, setPassword] = useState('')
  const [begun, setBegun] = useState<Begun>()
  const [codes, setCodes] = useState<string[]>()
  const queries = useQueryClient()
  const given = me.hasPassword ? password : undefined
  const settle = () => {
    setPassword('')
    return queries.invalidateQueries({ queryKey: meKey })
  }
  const begin = useMutation({ mutationFn: () => beginSecondFactor(given), onSuccess: setBegun })
  const end = useMutation({
    mutationFn: () => endSecondFactor(given),
    onSuccess: () => {
      setCodes(undefined)
      notify({ text: 'The second factor is off.' })
      return settle()
    },
  })
  const renew = useMutation({
    mutationFn: () => newRecoveryCodes(given),
    onSuccess: ({ backupCodes }) => {
      setCodes(backupCodes)
      return settle()
    },
  })

  if (begun && !me.twoFactor)
    return (
      <Confirm
        begun={begun}
        onDone={() => {
          setCodes(begun.backupCodes)
          setBegun(undefined)
          return settle()
        }}
      />
    )
  const fault = begin.error ?? end.error ?? renew.error
  const ready = !me.hasPassword || password.length > 0
  return (
    <Stack gap="sm" align="flex-start">
      <Text>
        {me.twoFactor
          ? 'On: signing in asks for a code of your authenticator app.'
          : 'Off: whoever learns your password can sign in. With it on, a code of an app on your phone is asked for too.'}
      </Text>
      {codes && <RecoveryCodes codes={codes} />}
      {me.hasPassword && (
        <PasswordInput
          label="Your password, to change this"
          autoComplete="current-password"
          w="min(20rem, 100%)"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
      )}
      {fault && <Problem error={fault} />}
      {me.twoFactor ? (
        <Group gap="sm">
          <Button variant="default" disabled={!ready} loading={renew.isPending} onClick={() => renew.mutate()}>
            Make new recovery codes
          </Button>
          <Button variant="default" disabled={!ready} loading={end.isPending} onClick={() => end.mutate()}>
            Switch it off
          </Button>
        </Group>
      ) : (
        <Button variant="default" disabled={!ready} loading={begin.isPending} onClick={() => begin.mutate()}>
          Switch it on
        </Button>
      )}
    </Stack>
  )
}

/** The secret of an otpauth address in groups of four, as it is typed into an app. */
const secretIn = (uri: string): string =>
  (new URL(uri).searchParams.get('secret') ?? '').match(/.{1,4}/g)?.join(' ') ?? ''

function Confirm({ begun, onDone }: { begun: Begun; onDone: () => Promise<void> }) {
  const [code, setCode] = useState('')
  const check = useMutation({ mutationFn: verifyCode, onSuccess: onDone, onError: () => setCode('') })
  return (
    <Stack gap="sm" align="flex-start">
      <Text>
        Add an account to your authenticator app: point its camera here, type the key below, or{' '}
        <a href={begun.totpURI}>open it in an app</a> on this device.
      </Text>
      <QrCode text={begun.totpURI} label="The key as a QR code" />
      <Code fz="md">{secretIn(begun.totpURI)}</Code>
      <Text id="first-code">Then enter the code that it shows.</Text>
      <PinInput
        length={6}
        type="number"
        oneTimeCode
        aria-labelledby="first-code"
        value={code}
        onChange={setCode}
        onComplete={(typed) => check.mutate(typed)}
      />
      {check.error && <Problem error={check.error} />}
    </Stack>
  )
}

const RecoveryCodes = ({ codes }: { codes: string[] }) => (
  <Stack gap="xs" align="flex-start">
    <Text fw={600}>Keep these recovery codes where your phone is not. Each works once; they are not shown again.</Text>
    <Code block fz="sm">
      {codes.join('\n')}
    </Code>
    <CopyText text={codes.join('\n')} size="xs">
      Copy them
    </CopyText>
  </Stack>
)

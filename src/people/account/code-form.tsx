/** The second step of signing in: a code of the authenticator app, or one of the recovery codes. */
import { Button, PinInput, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Problem } from '../../web/states.tsx'
import { verifyCode, verifyRecoveryCode } from './sign-in.ts'

export function CodeForm({ onDone, onBack }: { onDone: () => void; onBack: () => void }) {
  const [recovery, setRecovery] = useState(false)
  const [code, setCode] = useState('')
  const check = useMutation({
    mutationFn: (typed: string) => (recovery ? verifyRecoveryCode(typed) : verifyCode(typed)),
    onSuccess: onDone,
    onError: () => !recovery && setCode(''),
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        check.mutate(code.trim())
      }}
    >
      <Stack gap="md">
        {recovery ? (
          <TextInput
            label="Recovery code"
            autoFocus
            autoComplete="one-time-code"
            className="mono"
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
        ) : (
          <div>
            <Text size="sm" fw={500} mb={4} id="code-label">
              Code of your authenticator app
            </Text>
            <PinInput
              length={6}
              type="number"
              oneTimeCode
              autoFocus
              value={code}
              aria-labelledby="code-label"
              onChange={setCode}
              onComplete={(typed) => check.mutate(typed)}
            />
          </div>
        )}
        {check.error && <Problem error={check.error} />}
        <Button type="submit" loading={check.isPending} disabled={code.trim().length < 6}>
          Sign in
        </Button>
        <Button
          variant="subtle"
          onClick={() => {
            setRecovery(!recovery)
            setCode('')
            check.reset()
          }}
        >
          {recovery ? 'Use the authenticator app' : 'Use a recovery code'}
        </Button>
        <Button variant="subtle" color="gray" onClick={onBack}>
          Back
        </Button>
      </Stack>
    </form>
  )
}

/** A field for a password to be: says what it asks for before, and what is wrong once something was typed. */
import { PasswordInput } from '@mantine/core'
import { passwordFault, passwordLength } from '../rules.ts'

interface NewPasswordProps {
  value: string
  onChange: (value: string) => void
  /** One's own address and name are guessed first. */
  person: { email: string; name: string }
  label?: string
  autoFocus?: boolean
}

export function NewPassword({ value, onChange, person, label = 'Password', autoFocus }: NewPasswordProps) {
  const fault = value.length >= passwordLength.min ? passwordFault(value, person) : undefined
  return (
    <PasswordInput
      label={label}
      description={`At least ${passwordLength.min} characters; a few words are easier to remember than signs.`}
      autoComplete="new-password"
      required
      autoFocus={autoFocus}
      minLength={passwordLength.min}
      maxLength={passwordLength.max}
      value={value}
      error={fault}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

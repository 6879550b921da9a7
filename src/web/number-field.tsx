/** A number that is typed. Empty, or half typed (`-`, `1.0`), it stays as it is until it is left; the number is the last. */
import { NumberInput, type NumberInputProps } from '@mantine/core'
import { useState } from 'react'

interface NumberFieldProps extends Omit<NumberInputProps, 'value' | 'defaultValue' | 'onChange' | 'onBlur'> {
  value: number
  onChange: (value: number) => void
}

export function NumberField({ value, onChange, ...rest }: NumberFieldProps) {
  const [typed, setTyped] = useState<string | number>()
  return (
    <NumberInput
      {...rest}
      // A form that Enter sends while the field is empty would send what is not seen.
      required
      withAsterisk={false}
      value={typed ?? value}
      onChange={(next) => {
        setTyped(next)
        if (next !== '' && Number.isFinite(Number(next))) onChange(Number(next))
      }}
      onBlur={() => setTyped(undefined)}
    />
  )
}

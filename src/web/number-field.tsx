/** A number that is typed. Half typed (`-`, `1.0`), it stays as it is until it is left; the number is the last. */
import { NumberInput, type NumberInputProps } from '@mantine/core'
import { useState } from 'react'

interface TypedProps<Value> extends Omit<NumberInputProps, 'value' | 'defaultValue' | 'onChange' | 'onBlur'> {
  value: Value
  onChange: (value: Value) => void
}

/** Empty, it keeps its number until it is left. */
export const NumberField = ({ onChange, ...rest }: TypedProps<number>) => (
  // A form that Enter sends while the field is empty would send what is not seen.
  <Typed {...rest} required withAsterisk={false} onChange={(next) => next !== undefined && onChange(next)} />
)

/** Empty, it stands for no number. */
export const OptionalNumberField = (props: TypedProps<number | undefined>) => <Typed {...props} />

function Typed({ value, onChange, ...rest }: TypedProps<number | undefined>) {
  const [typed, setTyped] = useState<string | number>()
  return (
    <NumberInput
      {...rest}
      value={typed ?? value ?? ''}
      onChange={(next) => {
        setTyped(next)
        if (next === '') onChange(undefined)
        else if (Number.isFinite(Number(next))) onChange(Number(next))
      }}
      onBlur={() => setTyped(undefined)}
    />
  )
}

/** One setting of a run; its default stands in the empty field. */
import { Checkbox, MultiSelect, Select, TextInput } from '@mantine/core'
import type { Field, Values } from './fields.ts'

interface SettingFieldProps {
  field: Field
  value: Values[Field['key']]
  standard: unknown
  onChange: (value: Values[Field['key']]) => void
}

export function SettingField({
  field: { label, about, kind, options = [] },
  value,
  standard,
  onChange,
}: SettingFieldProps) {
  if (kind === 'flag')
    return (
      <Checkbox
        label={label}
        description={about}
        checked={value === undefined ? standard === true : value === true}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    )
  if (kind === 'one')
    return (
      <Select
        label={label}
        description={about}
        data={[...options]}
        placeholder={String(standard)}
        clearable
        value={typeof value === 'string' && value ? value : null}
        onChange={(chosen) => onChange(chosen ?? undefined)}
      />
    )
  if (kind === 'some')
    return (
      <MultiSelect
        label={label}
        description={about}
        data={[...options]}
        placeholder={Array.isArray(value) && value.length ? undefined : String(standard)}
        value={Array.isArray(value) ? value : []}
        onChange={onChange}
      />
    )
  const text = value === undefined ? '' : String(value)
  return (
    // Plain text: what browsers make of a number field cannot hold 3e-4 while it is typed.
    <TextInput
      label={label}
      description={about}
      inputMode="decimal"
      placeholder={standard === undefined ? 'by the data' : String(standard)}
      value={text}
      error={text !== '' && !Number.isFinite(Number(text)) ? 'This is no number.' : undefined}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

/** The settings of a run as fields; the default of each stands in its empty field. */
import { Checkbox, MultiSelect, Select, SimpleGrid, TextInput } from '@mantine/core'
import type { Algorithm } from '../../trainer/schedule/spec.ts'
import { type Field, fieldsOf, type Values } from './fields.ts'
import { filledIn } from './settings.ts'

interface SettingFieldsProps {
  algorithm: Algorithm
  /** Weights of the model that is trained, which defaults depend on. */
  parameters: number
  values: Values
  onChange: (values: Values) => void
}

/** The few that matter, and the rest folded away. */
export function SettingFields({ algorithm, parameters, values, onChange }: SettingFieldsProps) {
  const defaults = filledIn(algorithm, {}, parameters)
  const fields = fieldsOf(algorithm)
  const shown = (first: boolean) =>
    fields
      .filter((field) => (field.first ?? false) === first)
      .map((field) => (
        <SettingField
          key={field.key}
          field={field}
          value={values[field.key]}
          standard={defaults[field.key]}
          onChange={(value) => onChange({ ...values, [field.key]: value })}
        />
      ))
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2, sm: 3 }} style={{ alignItems: 'end' }}>
        {shown(true)}
      </SimpleGrid>
      <details>
        <summary>All settings</summary>
        <SimpleGrid cols={{ base: 1, xs: 2, sm: 3 }} mt="sm" style={{ alignItems: 'end' }}>
          {shown(false)}
        </SimpleGrid>
      </details>
    </>
  )
}

interface SettingFieldProps {
  field: Field
  value: Values[Field['key']]
  standard: unknown
  onChange: (value: Values[Field['key']]) => void
}

function SettingField({ field: { label, about, kind, options = [] }, value, standard, onChange }: SettingFieldProps) {
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

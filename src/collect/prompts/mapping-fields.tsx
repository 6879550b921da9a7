/** Which columns of a table, or of JSON rows, are what; the address keeps it. */
import { MultiSelect, Select, Text } from '@mantine/core'
import { verdictOf } from '../../formats/judgement.ts'
import type { Mapping, Verdict } from '../../formats/record.ts'
import { type Address, useAddress } from '../../web/address.ts'

const listed = (text: string | undefined): string[] => (text ? text.split('\n') : [])

const verdicts: readonly Verdict[] = [1, 2, 'tie', 'both-bad']

/** `model_a=1` a line. */
const readMeans = (text: string | undefined): Record<string, Verdict> =>
  Object.fromEntries(
    listed(text).flatMap((line) => {
      const at = line.lastIndexOf('=')
      const verdict = verdicts.find((one) => String(one) === line.slice(at + 1))
      return verdict ? [[line.slice(0, at), verdict]] : []
    }),
  )
const writeMeans = (means: Record<string, Verdict>) =>
  Object.entries(means)
    .map(([value, verdict]) => `${value}=${verdict}`)
    .join('\n') || undefined

/** What the address says of columns; undefined where it names none of the prompt. */
export function mappingOf({ prompt, response, preferred, means, strength }: Address): Mapping | undefined {
  if (!prompt) return undefined
  const mapping: Mapping = { prompt: listed(prompt), responses: listed(response) }
  if (!preferred || mapping.responses.length !== 2) return mapping
  return { ...mapping, preferred: { column: preferred, means: readMeans(means) }, strength }
}

/** The address without any of it: the next file has other columns. */
export const withoutMapping = {
  prompt: undefined,
  response: undefined,
  preferred: undefined,
  means: undefined,
  strength: undefined,
}

/** What the values that such columns mostly hold are likely to mean; people see it before anything is taken. */
function guessedMeans(values: readonly string[]): Record<string, Verdict> {
  // 0 and 1 may count from nought: 1 is then the second, and nobody but the person can tell.
  const fromNought = values.includes('0') && !values.includes('2')
  const guess = (value: string): Verdict | undefined => {
    if (/both.?bad|neither/i.test(value)) return 'both-bad'
    if (/\b(tie|equal|same|draw)/i.test(value)) return 'tie'
    if (/^\d+$/.test(value) && fromNought) return undefined
    if (/(^|[^a-z0-9])(1|a|left|first)$/i.test(value)) return 1
    return /(^|[^a-z0-9])(2|b|right|second)$/i.test(value) ? 2 : undefined
  }
  return Object.fromEntries(values.flatMap((value) => (guess(value) ? [[value, guess(value)!]] : [])))
}

interface MappingFieldsProps {
  format: string
  columns: readonly string[]
  /** Of columns with few. */
  values: Readonly<Record<string, readonly string[]>>
  /** Whether the format lays its columns out by itself. */
  optional: boolean
}

export function MappingFields({ format, columns, values, optional }: MappingFieldsProps) {
  const [{ prompt, response, preferred, means, strength }, setAddress] = useAddress()
  const set = (change: Record<string, string | undefined>) => setAddress({ format, ...change }, { replace: true })
  const responses = listed(response)
  const used = [...listed(prompt), ...responses, preferred, strength]
  const left = (own: readonly (string | undefined)[]) =>
    columns.filter((column) => own.includes(column) || !used.includes(column))
  const among = preferred ? values[preferred] : undefined
  const said = readMeans(means)
  return (
    <>
      <MultiSelect
        label="Columns of the prompt"
        description={`Several are joined, in this order, with a blank line between.${optional ? ' None: as the format lays them out.' : ''}`}
        data={left(listed(prompt))}
        value={listed(prompt)}
        onChange={(chosen) => set({ prompt: chosen.join('\n') || undefined })}
        searchable
      />
      <MultiSelect
        label="Columns of the responses"
        data={left(responses)}
        value={responses}
        onChange={(chosen) => set({ response: chosen.join('\n') || undefined })}
        disabled={!prompt}
        searchable
      />
      {prompt && responses.length === 2 && (
        <Select
          label="Column that says which is better"
          placeholder="none"
          data={left([preferred])}
          value={preferred ?? null}
          onChange={(column) =>
            set({ preferred: column ?? undefined, means: writeMeans(guessedMeans(values[column ?? ''] ?? [])) })
          }
          clearable
          searchable
        />
      )}
      {preferred && responses.length === 2 && (
        <>
          {among ? (
            among.map((value) => (
              <Select
                key={value}
                label={`"${value}" means`}
                placeholder="not said: such rows cannot be read"
                data={[
                  ...responses.map((name, i) => ({ value: String(i + 1), label: `${name} is better` })),
                  { value: 'tie', label: 'a tie' },
                  { value: 'both-bad', label: 'both are bad' },
                ]}
                value={String(said[value] ?? verdictOf(value, responses) ?? '') || null}
                onChange={(chosen) => {
                  const verdict = verdicts.find((one) => String(one) === chosen)
                  const { [value]: _, ...others } = said
                  set({ means: writeMeans(verdict ? { ...others, [value]: verdict } : others) })
                }}
                clearable
              />
            ))
          ) : (
            <Text size="sm" c="dimmed">
              Its values are many. Read are 1, 2, tie, both-bad and the names of the two columns.
            </Text>
          )}
          <Select
            label="Column of how strongly"
            description="Numbers above 0, up to 3"
            placeholder="none"
            data={left([strength])}
            value={strength ?? null}
            onChange={(column) => set({ strength: column ?? undefined })}
            clearable
            searchable
          />
        </>
      )}
    </>
  )
}

/** Which columns of a table, or of JSON rows, are what; the address keeps it. */
import { MultiSelect, Select, Text } from '@mantine/core'
import { verdictOf } from '../../formats/judgement.ts'
import { useAddress } from '../../web/address.ts'
import { guessedMeans, listed, readMeans, writeMeans } from './mapping-address.ts'

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
  /** Which is first may be another now: what values mean is guessed anew. */
  const setJudged = (responses: string[], column: string | undefined) =>
    set({
      response: responses.join('\n') || undefined,
      preferred: column,
      means: column && writeMeans(guessedMeans(values[column] ?? [], responses)),
    })
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
        onChange={(chosen) => setJudged(chosen, preferred)}
        disabled={!prompt}
        searchable
      />
      {prompt && responses.length === 2 && (
        <Select
          label="Column that says which is better"
          placeholder="none"
          data={left([preferred])}
          value={preferred ?? null}
          onChange={(column) => setJudged(responses, column ?? undefined)}
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
                  const verdict = verdictOf(chosen ?? '')
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

/** Which kind of file rows are packed in. */
import { Group, Radio } from '@mantine/core'
import type { Packing } from './contract.ts'

const names: Record<Packing, string> = { jsonl: 'JSON lines', csv: 'CSV', parquet: 'Parquet' }

interface PackingChoiceProps<P extends Packing> {
  of: readonly P[]
  value: P
  onChange: (packing: P) => void
}

export const PackingChoice = <P extends Packing>({ of, value, onChange }: PackingChoiceProps<P>) => (
  <Radio.Group label="File" value={value} onChange={(chosen) => onChange(chosen as P)}>
    <Group mt={4}>
      {of.map((packing) => (
        <Radio key={packing} value={packing} label={names[packing]} />
      ))}
    </Group>
  </Radio.Group>
)

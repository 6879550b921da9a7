/** Which kind of file rows are packed in. */
import { Group, Radio } from '@mantine/core'

export type Packing = 'jsonl' | 'parquet'

export const PackingChoice = ({ value, onChange }: { value: Packing; onChange: (packing: Packing) => void }) => (
  <Radio.Group label="File" value={value} onChange={(chosen) => onChange(chosen as Packing)}>
    <Group mt={4}>
      <Radio value="jsonl" label="JSON lines" />
      <Radio value="parquet" label="Parquet" />
    </Group>
  </Radio.Group>
)

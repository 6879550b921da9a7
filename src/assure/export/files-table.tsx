/** Files that were written, each with a button that saves it. */
import { Table, Title } from '@mantine/core'
import { count } from '../../web/numbers.ts'
import { Ago } from '../../web/time.tsx'
import { WideTable } from '../../web/wide-table.tsx'
import type { ExportedFile } from './contract.ts'
import { SaveFile } from './save-file.tsx'

/** `children` stands in place of the table where there is no file yet. */
export function FilesTable({ files, children }: { files: readonly ExportedFile[]; children?: React.ReactNode }) {
  return (
    <section aria-labelledby="files">
      <Title order={2} id="files" mb="sm">
        Files
      </Title>
      {files.length === 0 ? (
        children
      ) : (
        <WideTable minWidth={340} verticalSpacing={5}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">File</Table.Th>
              <Table.Th scope="col" ta="right">
                Rows
              </Table.Th>
              <Table.Th scope="col">Written</Table.Th>
              <Table.Th scope="col">Fetch</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {files.map((file) => (
              <Table.Tr key={file.id}>
                <Table.Td className="mono" style={{ overflowWrap: 'anywhere' }}>
                  {file.name}
                </Table.Td>
                <Table.Td ta="right">{count(file.rows)}</Table.Td>
                <Table.Td>
                  <Ago at={file.createdAt} />
                </Table.Td>
                <Table.Td>
                  <SaveFile file={file} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      )}
    </section>
  )
}

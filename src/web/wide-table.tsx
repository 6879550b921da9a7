/** A table that is no list: never narrower than its columns need, so that a narrow window scrolls it. */
import { Box, Table, type TableProps } from '@mantine/core'
import classes from './table.module.css'

interface WideTableProps extends TableProps {
  /** Pixels. */
  minWidth: number
  /** CSS length beyond which it scrolls downward. */
  maxHeight?: string
  /** What stands above the columns, where that is words alone; else a `Table.Thead` among the children. */
  head?: readonly string[]
}

export const WideTable = ({ minWidth, maxHeight, maw, head, children, ...table }: WideTableProps) => (
  <Box className={classes.wide} w="100%" miw={0} mah={maxHeight} maw={maw} tabIndex={0}>
    <Table miw={minWidth} {...table}>
      {head && (
        <Table.Thead>
          <Table.Tr>
            {head.map((name) => (
              <Table.Th key={name} scope="col">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
      )}
      {children}
    </Table>
  </Box>
)

/** The neutral record: what every format is read into and written from. */

export type Role = 'system' | 'user' | 'assistant'

export interface Turn {
  role: Role
  content: string
}

export interface Response {
  content: string
  metadata?: Record<string, unknown>
}

/** What the file itself says about the responses, by their index in `responses`. */
export type Judgement =
  | { kind: 'preference'; chosen: number; rejected: number; strength?: number }
  /** Of a row with two responses: neither is better; neither is any good. */
  | { kind: 'tie' | 'both-bad' }
  | { kind: 'demonstration'; response: number }
  /** KTO's unpaired label. */
  | { kind: 'desirability'; response: number; desirable: boolean }
  /** Best first; responses of one tier are tied; a response in no tier was not ranked. */
  | { kind: 'ranking'; tiers: number[][] }

export interface ImportRecord {
  /** Line of the file where the row begins, from 1. */
  line: number
  prompt: Turn[]
  responses: Response[]
  judgement?: Judgement
  /** Columns that the format does not know, unchanged. */
  metadata: Record<string, unknown>
}

/** A record on its way out. */
export type ExportRecord = Omit<ImportRecord, 'line'>

/** A row, or a whole file, that could not be read. The other rows are. */
export interface Problem {
  line: number
  /** Character in the line, from 1, where it is known. */
  column?: number
  reason: string
  /** Nothing after this could be read. Always the last item. */
  fatal?: true
}

export type Item = ImportRecord | Problem

export const isProblem = (item: object): item is Problem => 'reason' in item

/** One row of a file before a format makes a record of it: a JSON object, or the cells of a table by column. */
export type Row = Record<string, unknown>

export interface NumberedRow {
  line: number
  row: Row
}

export type RowItem = NumberedRow | Problem

/** What a column says of two responses: the number of the better one, or that neither is. */
export type Verdict = 1 | 2 | 'tie' | 'both-bad'

/** Which columns of a foreign table are what. Every other column becomes metadata. */
export interface Mapping {
  /** Several columns are joined by a blank line (instruction and input, as in Alpaca's shape); empty ones are left out. */
  prompt: string | string[]
  responses: string[]
  /** Of two responses: the column that says which is better, and what its values mean. `verdictOf` has what they mean unless told. */
  preferred?: { column: string; means?: Record<string, Verdict> }
  /** The column that says how strongly one is preferred. */
  strength?: string
}

export interface ParseOptions {
  mapping?: Mapping
  /** Its extension (`.csv`, `.tsv`, `.jsonl`, `.json`, each also with `.gz`) says how rows are packed. */
  fileName?: string
}

/** What one data format has to bring: everything else (bytes, lines, containers) is shared. */
export interface RowFormat {
  name: string
  title: string
  extensions: string[]
  /** Whether these first rows look like this format. */
  sniff(rows: Row[]): boolean
  /** Makes records of one row, or throws `FormatError` with code `bad_row`. */
  read(row: Row, line: number, options: ParseOptions): ImportRecord | ImportRecord[]
}

/** One training format that records can be written in. */
export interface RowWriter {
  name: string
  title: string
  /** Types of the columns, for Parquet; metadata columns are added by the caller. */
  columns: Column[]
  /** The row, or throws `FormatError` with code `not_expressible`. */
  write(record: ExportRecord): Row
}

export type ColumnType = 'string' | 'integer' | 'number' | 'boolean' | 'messages' | 'json'

export interface Column {
  name: string
  type: ColumnType
}

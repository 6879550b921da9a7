/** The methods of truth inference by the names that the command line and the screens use. */
import { bwa } from './bwa.ts'
import { dawidSkene } from './dawid-skene.ts'
import { ebcc } from './ebcc.ts'
import { glad } from './glad.ts'
import { ibcc } from './ibcc.ts'
import type { Labels } from './labels.ts'
import { mace } from './mace.ts'
import { majority } from './majority.ts'
import { oneCoin } from './one-coin.ts'
import type { Truth } from './result.ts'
import { wawa } from './wawa.ts'

export interface MethodOptions {
  /** Dawid-Skene's pseudo-count. */
  prior?: number
  /** One class an item, -1 where it is not known; held by dawid-skene, one-coin and ibcc. */
  gold?: Int32Array
  /** Draws other random starts (mace, ebcc). */
  seed?: number
}

export const methods = {
  majority: (table: Labels) => majority(table),
  wawa: (table: Labels) => wawa(table),
  'dawid-skene': (table: Labels, { prior, gold }: MethodOptions) => dawidSkene(table, { prior, gold }),
  'one-coin': (table: Labels, { gold }: MethodOptions) => oneCoin(table, { gold }),
  ibcc: (table: Labels, { gold }: MethodOptions) => ibcc(table, { gold }),
  mace: (table: Labels, { seed }: MethodOptions) => mace(table, { seed }),
  glad: (table: Labels) => glad(table),
  bwa: (table: Labels) => bwa(table),
  ebcc: (table: Labels, { seed }: MethodOptions) => ebcc(table, { seed }),
} satisfies Record<string, (table: Labels, options: MethodOptions) => Truth>

export type Method = keyof typeof methods

export const methodNames = Object.keys(methods) as Method[]
const defaultMethod: Method = 'ibcc'
export const takesGold: readonly Method[] = ['dawid-skene', 'one-coin', 'ibcc']

export const inferTruth = (table: Labels, method: Method = defaultMethod, options: MethodOptions = {}): Truth =>
  methods[method](table, options)

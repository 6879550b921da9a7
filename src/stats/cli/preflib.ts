/** Reads rankings in the formats of PrefLib: `.soc`, `.soi`, `.toc`, `.toi` ("COUNT: 2,{1,4},3", best first). */
import { readFileSync } from 'node:fs'
import { refuse } from '../errors.ts'
import type { Ranking } from '../preference/rankings.ts'

export interface RankingFile {
  /** Names of the alternatives, which PrefLib numbers from 1. */
  names: string[]
  rankings: Ranking[]
}

export const isPreflib = (file: string): boolean => /\.(soc|soi|toc|toi)$/i.test(file)

export function readPreflib(file: string): RankingFile {
  const names = new Map<number, string>()
  const rankings: Ranking[] = []
  let count = 0
  const lines = readFileSync(file, 'utf8').split(/\r?\n/)
  lines.forEach((line, n) => {
    const where = `${file}, line ${n + 1}`
    const name = /^# ALTERNATIVE NAME (\d+):\s*(.*)$/.exec(line)
    const number = /^# NUMBER ALTERNATIVES:\s*(\d+)/.exec(line)
    if (name) names.set(Number(name[1]), name[2]!.trim())
    if (number) count = Number(number[1])
    if (line.startsWith('#') || line.trim() === '') return
    const row = /^\s*(\d+)\s*:\s*(.+)$/.exec(line)
    if (!row || !/^(\{\s*\d+(\s*,\s*\d+)*\s*\}|\d+)(\s*,\s*(\{\s*\d+(\s*,\s*\d+)*\s*\}|\d+))*\s*$/.test(row[2]!))
      refuse('A ranking was expected.', {
        where,
        hint: 'Write COUNT: 2,{1,4},3 with the best first and ties in braces.',
      })
    const groups = [...row[2]!.matchAll(/\{([^}]*)\}|(\d+)/g)].map((match) =>
      (match[1] ?? match[2]!).split(',').map((text) => Number(text) - 1),
    )
    const items = groups.flat()
    const wrong = items.find((item) => item < 0 || (count > 0 && item >= count))
    if (wrong !== undefined) refuse(`There is no alternative ${wrong + 1}; the file declares ${count}.`, { where })
    if (new Set(items).size < items.length) refuse('An alternative stands twice in a ranking.', { where })
    rankings.push({ groups, weight: Number(row[1]) })
  })
  if (rankings.length === 0) refuse('The file has no rankings.', { where: file })
  const size = Math.max(count, ...rankings.flatMap(({ groups }) => groups.flat().map((item) => item + 1)))
  return { names: Array.from({ length: size }, (_, i) => names.get(i + 1) ?? String(i + 1)), rankings }
}

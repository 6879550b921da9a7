/**
 * Which language a text is in: first by script, and in Latin and Cyrillic script by the frequent short words of each
 * language, a word counting by how few languages share it. A guess needs some words: three make a poor one, ten a good one.
 */
import { CheckError } from './errors.ts'
import type { Checker } from './finding.ts'
import { wordsOf } from './language-words.ts'

export interface LanguageGuess {
  /** ISO 639-1. */
  language: string
  /** Share of the evidence that speaks for this language and no other, 0 to 1. */
  confidence: number
  /** How many words speak for it, a word shared with other languages counting in part. */
  evidence: number
  /** Words looked at. */
  words: number
}

/** Scripts that one language all but owns here. Those of Latin and Cyrillic are told apart by words. */
const scripts: [language: string, letter: RegExp][] = [
  ['el', /\p{Script=Greek}/gu],
  ['he', /\p{Script=Hebrew}/gu],
  ['th', /\p{Script=Thai}/gu],
  ['ko', /\p{Script=Hangul}/gu],
  ['ka', /\p{Script=Georgian}/gu],
  ['hy', /\p{Script=Armenian}/gu],
  ['bn', /\p{Script=Bengali}/gu],
  ['ta', /\p{Script=Tamil}/gu],
  ['te', /\p{Script=Telugu}/gu],
  ['gu', /\p{Script=Gujarati}/gu],
  ['pa', /\p{Script=Gurmukhi}/gu],
  ['hi', /\p{Script=Devanagari}/gu],
  ['am', /\p{Script=Ethiopic}/gu],
  ['ja', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['zh', /\p{Script=Han}/gu],
  ['ar', /\p{Script=Arabic}/gu],
]

/** Single Latin letters are left out: in code and formulas they stand for anything. */
const languagesOf = new Map<string, string[]>()
for (const [language, list] of wordsOf)
  for (const word of list)
    if (!/^[a-z]$/.test(word)) languagesOf.set(word, [...(languagesOf.get(word) ?? []), language])

/** Languages that can be guessed. */
export const languages: readonly string[] = [
  ...wordsOf.keys(),
  ...scripts.map(([language]) => language),
  'fa',
  'ur',
].sort()

/** Only the beginning is looked at: more of the same adds nothing. */
const enough = 4000

/** The likeliest language, or undefined where the text has too little of any. */
export function guessLanguage(text: string): LanguageGuess | undefined {
  const sample = text.slice(0, enough)
  const letters = sample.match(/\p{L}/gu)?.length ?? 0
  if (letters < 4) return undefined
  const counts = scripts.map(([language, letter]) => ({ language, count: sample.match(letter)?.length ?? 0 }))
  const count = (language: string) => counts.find((one) => one.language === language)!.count
  // Japanese is mostly written with Chinese signs: some kana among them decide.
  const kana = count('ja')
  const best =
    kana > 0 && kana * 12 > count('zh')
      ? { language: 'ja', count: kana + count('zh') }
      : counts.reduce((a, b) => (b.count > a.count ? b : a))
  if (best.count * 2 <= letters) return byWords(sample)
  const language = best.language === 'ar' ? arabicScript(sample) : best.language
  return { language, confidence: best.count / letters, evidence: best.count / 4, words: letters / 4 }
}

/** Persian and Urdu have letters that Arabic has not. */
function arabicScript(text: string): string {
  if (/[ٹڈڑںےھ]/.test(text)) return 'ur'
  return /[پچژگی]/.test(text) ? 'fa' : 'ar'
}

/** Letters that settle what shared words leave open. */
const telling: [language: string, letters: RegExp][] = [
  ['pt', /[ãõ]/g],
  ['es', /[ñ¿¡]/g],
  ['de', /[ß]/g],
  ['pl', /[łąęśźżćń]/g],
  ['cs', /[ěřů]/g],
  ['sk', /[ľĺŕô]/g],
  ['hu', /[őű]/g],
  ['ro', /[țșăâ]/g],
  ['tr', /[ğış]/g],
  ['vi', /[ơưđạảấầẩậắằặẹẻẽếềểệỉịọỏốồổộớờởợụủứừửựỳỵỷỹ]/g],
  ['uk', /[іїєґ]/g],
  ['ru', /[ыэё]/g],
  ['bg', /[ѝщъ]/g],
  ['sr', /[јљњћђџ]/g],
  ['da', /[æø]/g],
  ['no', /[æøå]/g],
  ['fi', /ää|yy|öö/g],
  ['ca', /·/g],
]

function byWords(sample: string): LanguageGuess | undefined {
  const scores = new Map<string, number>()
  const add = (language: string, weight: number) => scores.set(language, (scores.get(language) ?? 0) + weight)
  const words = sample.toLowerCase().match(/[\p{L}\p{M}]+/gu) ?? []
  for (const word of words) {
    const owners = languagesOf.get(word) ?? []
    for (const language of owners) add(language, 1 / owners.length)
  }
  for (const [language, letters] of telling) {
    const count = sample.toLowerCase().match(letters)?.length ?? 0
    if (count > 0) add(language, Math.min(count, 6) * 0.35)
  }
  const [first, second] = [...scores].sort(([, a], [, b]) => b - a)
  // One short word among many strangers is a coincidence.
  if (!first || first[1] < 0.5 || first[1] < words.length * 0.04) return undefined
  const [language, evidence] = first
  return { language, confidence: evidence / (evidence + (second?.[1] ?? 0)), evidence, words: words.length }
}

/** What makes a guess about a single paragraph sure enough to trouble someone with. */
export const isSure = ({ confidence, evidence, words }: LanguageGuess): boolean =>
  confidence >= 0.65 && evidence >= 2.5 && evidence >= words * 0.15

/** Finds the paragraphs that are surely in none of the languages `expected` (ISO 639-1), which must be known ones. */
export function languageChecker(expected: string[]): Checker {
  const unknown = expected.find((language) => !languages.includes(language))
  if (unknown !== undefined || expected.length === 0)
    throw new CheckError(
      'unknown_language',
      unknown === undefined ? 'No language is given.' : `The language "${unknown}" cannot be told.`,
      {
        where: 'language',
        hint: `Known are: ${languages.join(', ')}.`,
      },
    )
  return {
    name: 'language',
    title: `Text that is not in ${expected.join(' or ')}`,
    check: (text) =>
      Array.from(text.matchAll(/[^\n]*\S[^\n]*/g)).flatMap((paragraph) => {
        const guess = guessLanguage(paragraph[0])
        if (!guess || !isSure(guess) || expected.includes(guess.language)) return []
        return [
          {
            kind: 'other_language',
            start: paragraph.index,
            end: paragraph.index + paragraph[0].length,
            note: guess.language,
          },
        ]
      }),
  }
}

import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { checkers, guessLanguage, languageChecker, languages, patternChecker } from './index.ts'

const checker = (name: string) => checkers.find((one) => one.name === name)!
const found = (name: string, text: string) =>
  checker(name)
    .check(text)
    .map(({ start, end }) => text.slice(start, end))

describe('languages', () => {
  const cases = readFileSync(new URL('language.cases.txt', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const)

  it('are guessed for at least nine of ten single sentences', () => {
    const right = cases.filter(([language, sentence]) => guessLanguage(sentence)?.language === language)
    expect(cases.length).toBeGreaterThan(70)
    expect(right.length / cases.length).toBeGreaterThan(0.9)
  })

  it('are not guessed from too little', () => {
    expect([guessLanguage(''), guessLanguage('123 !?'), guessLanguage('xyzzy plugh')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('that nobody expected are found by paragraph', () => {
    const german = 'Ich habe meinen Schirm im Bus vergessen und niemand hat ihn gefunden.'
    const text = `I left my umbrella on the bus.\n\n${german}\n我把雨伞忘在公共汽车上了。\nfor (i = 0; i < n; i++) a[i] = b`
    const findings = languageChecker(['en']).check(text)
    expect(findings.map(({ note }) => note)).toEqual(['de', 'zh'])
    expect(text.slice(findings[0]!.start, findings[0]!.end)).toBe(german)
    expect(languageChecker(['en', 'de', 'zh']).check(text)).toEqual([])
  })

  it('that cannot be told are refused', () => {
    expect(() => languageChecker(['xx'])).toThrowError('The language "xx" cannot be told.')
    expect(() => languageChecker([])).toThrowError('No language is given.')
    expect(new Set(languages).size).toBe(languages.length)
  })
})

describe('repetition', () => {
  it('finds loops of characters, words and lines, each once', () => {
    expect(found('repetition', `Well ${'ha'.repeat(20)} yes`)).toEqual(['ha'.repeat(20)])
    const words = 'it is what it was and '.repeat(4).trim()
    expect(found('repetition', `So ${words} then.`)).toEqual([words])
    const lines = '- Pen\n- Ruler and eraser\n'.repeat(3).trim()
    expect(found('repetition', `List:\n${lines}\nEnd`)[0]).toContain('Pen')
    expect(checker('repetition').check(`So ${words} then.`)[0]!.note).toBe('6 words, 4 times')
  })

  it('finds one word said four times in a row, and no figures', () => {
    expect(found('repetition', 'Thank you for For for for the order.')).toEqual(['for For for for'])
    expect(found('repetition', 'so so, thank thank thank thank, thank')).toEqual(['thank thank thank thank'])
    expect(found('repetition', 'for, for, for, for\n1 0 0 0 0 0 1')).toEqual([])
  })

  it('finds a long line that comes again elsewhere', () => {
    const line = 'I hope that this answers your question in full.'
    expect(found('repetition', `${line}\na\n${line}\nb\n${line}`)).toEqual([line])
  })

  it('leaves rhetoric, rules and tables alone', () => {
    for (const text of [
      'No, no, no!',
      'Very very very good',
      '-'.repeat(80),
      '| --- | --- | --- | --- | --- | --- |',
      ' '.repeat(100),
      '='.repeat(60),
    ])
      expect(found('repetition', text)).toEqual([])
  })
})

describe('web addresses', () => {
  it('end where the sentence goes on', () => {
    const text = 'See https://example.org/a_(b)?c=1#d, (www.example.com) or http://x.de. Not example.com or http://.'
    expect(found('url', text)).toEqual(['https://example.org/a_(b)?c=1#d', 'www.example.com', 'http://x.de'])
  })
})

describe('refusals', () => {
  it.each([
    "I'm sorry, but I can't help with that.",
    'I cannot assist you with this request.',
    'As an AI language model, I do not have opinions.',
    'I must respectfully decline.',
    'That would be against my guidelines.',
    "I won't provide instructions for that.",
    'Es tut mir leid, dabei kann ich nicht helfen.',
    'Lo siento, no puedo ayudar con eso.',
    '抱歉，我不能回答这个问题。',
  ])('%s', (text) => {
    expect(checker('refusal').check(text).length).toBeGreaterThan(0)
  })

  it.each([
    'You can help by washing the dishes.',
    'The door will not open unless you push.',
    "I can't wait to see you!",
    'He refused to pay the bill.',
    'Sorry for the delay; here is the recipe.',
    'Machine translation is a field of AI.',
  ])('not: %s', (text) => {
    expect(found('refusal', text)).toEqual([])
  })
})

describe('every checker', () => {
  const hostile = {
    letters: 'a'.repeat(200_000),
    digits: '1'.repeat(200_000),
    groups: '1234 '.repeat(40_000),
    ats: 'a@'.repeat(100_000),
    dots: 'a.'.repeat(100_000),
    colons: 'ab:'.repeat(66_000),
    open: '(['.repeat(100_000),
    slashes: 'http://'.repeat(28_000),
    pluses: '+1 '.repeat(66_000),
    words: 'born on password is call '.repeat(8_000),
    periods: 'abcdefg abcdefh '.repeat(12_000),
    tokens: 'eyJeyJ.'.repeat(28_000),
    refusing: "I can't really ".repeat(13_000),
    sorry: "I'm sorry, I ".repeat(15_000),
    brackets: 'a [at] '.repeat(28_000),
  }
  const all = [...checkers, languageChecker(['en']), patternChecker('rule', '(a+)+b')]

  it.each(all.map((one) => [one.name, one] as const))(
    '%s takes time in proportion to the text, whatever the text',
    (_, { check }) => {
      for (const [name, text] of Object.entries(hostile)) {
        const started = performance.now()
        check(text)
        expect([name, performance.now() - started < 4000]).toEqual([name, true])
      }
    },
  )

  it('gives spans inside the text, in order', () => {
    const text = Object.values(hostile)
      .map((one) => one.slice(0, 300))
      .join('\n')
    for (const { check } of all) {
      const findings = check(text)
      for (const [i, { start, end }] of findings.entries()) {
        expect(start >= 0 && start < end && end <= text.length).toBe(true)
        if (i > 0) expect(start).toBeGreaterThanOrEqual(findings[i - 1]!.start)
      }
    }
  })

  it('has nothing to say about nothing', () => {
    for (const { check } of all) expect(check('')).toEqual([])
  })
})

const answers = new URL('../../../shared/data/pandalm/testset-v1.json', import.meta.url)

describe.skipIf(!existsSync(answers))('real text (SKIPPED: ../shared/data/pandalm is absent)', () => {
  it('in English is hardly ever taken for another language, and what is, is French', () => {
    const rows: Record<string, unknown>[] = JSON.parse(readFileSync(answers, 'utf8'))
    const texts = rows.flatMap(({ instruction, response1, response2 }) =>
      [instruction, response1, response2].map(String),
    )
    const others = texts.flatMap((text) => languageChecker(['en']).check(text))
    expect(others.length).toBeGreaterThan(0)
    expect(new Set(others.map(({ note }) => note))).toEqual(new Set(['fr']))
  })
})

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Finding, pii } from './index.ts'

interface Case {
  text: string
  wanted: Finding[]
}

/** Reads a list of texts in which `[[kind:...]]` marks what is to be found. */
function cases(file: string): Case[] {
  const lines = readFileSync(new URL(file, import.meta.url), 'utf8').split('\n')
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map(parseCase)
}

function parseCase(line: string): Case {
  const wanted: Finding[] = []
  let text = ''
  let at = 0
  for (const mark of line.matchAll(/\[\[(\w+):(.*?)\]\](?!\])/g)) {
    text += line.slice(at, mark.index)
    wanted.push({ kind: mark[1]!, start: text.length, end: text.length + mark[2]!.length })
    text += mark[2]!
    at = mark.index + mark[0].length
  }
  return { text: text + line.slice(at), wanted }
}

/** A finding counts only with the right kind and exactly the right span. */
function measure(file: string) {
  let right = 0
  let found = 0
  let wanted = 0
  for (const given of cases(file)) {
    const findings = pii.check(given.text)
    right += findings.filter(({ kind, start, end }) =>
      given.wanted.some((one) => one.kind === kind && one.start === start && one.end === end),
    ).length
    found += findings.length
    wanted += given.wanted.length
  }
  return { precision: right / found, recall: right / wanted, wanted }
}

describe('personal data', () => {
  it('is found with precision above 0.98 and recall above 0.92 on the list it was built with', () => {
    const { precision, recall, wanted } = measure('pii.cases.txt')
    expect(wanted).toBeGreaterThan(110)
    expect(precision).toBeGreaterThan(0.98)
    expect(recall).toBeGreaterThan(0.92)
  })

  it('is found with precision and recall above 0.9 on a list it was not built with', () => {
    const { precision, recall, wanted } = measure('pii.held-out.txt')
    expect(wanted).toBeGreaterThan(55)
    expect(precision).toBeGreaterThan(0.9)
    expect(recall).toBeGreaterThan(0.9)
  })

  it('is given once where two checkers claim it, and in order', () => {
    const text =
      'iban GB82WEST12345698765432, mail a@example.org, card 4111 1111 1111 1111, ssn 536-22-8745, +44 20 7946 0958'
    const findings = pii.check(text)
    expect(findings.map(({ kind }) => kind)).toEqual(['iban', 'email', 'card', 'national_id', 'phone'])
    expect(findings.map(({ start, end }) => text.slice(start, end))[0]).toBe('GB82WEST12345698765432')
  })

  it('says what more is known', () => {
    const notes = (text: string) => pii.check(text).map(({ note }) => note)
    expect(notes('DE89 3704 0044 0532 0130 00')).toEqual(['DE'])
    expect(notes('378282246310005')).toEqual(['American Express'])
    expect(notes('529.982.247-25')).toEqual(['Brazil, CPF'])
  })
})

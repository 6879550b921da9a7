import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Tokenizer as Inner } from '@huggingface/tokenizers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { learnMerges, specialTokens, trainTokenizer } from './bpe.ts'
import { cut, encodePrompt, encodeRow } from './encoding.ts'
import { completionRows, type Line, preferenceRow, promptRow, readLines, unpairedRows } from './rows.ts'
import { tokenizerFrom } from './tokenizer.ts'

const corpus = [
  'please take the river thank you',
  'take the stone now you fool',
  'Übergröße 東京 🙂 12 345',
  "don't  stop\n\nhere",
]
const source = trainTokenizer(corpus, 400, { chat: true })
const tokenizer = tokenizerFrom(source)
const [, , end] = [0, 1, 2]
const line = (fields: Record<string, unknown>): Line => ({ fields, where: 'rows.jsonl:1' })

describe('byte-level BPE', () => {
  it('merges the most frequent pair first', () => {
    const [l, o, w] = [...'low'].map((c) => c.charCodeAt(0))
    expect(learnMerges(['low low lower'], 2)).toEqual([
      [l, o],
      [256, w],
    ])
  })

  it('gives any text back, byte for byte', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!specialTokens.some((token) => text.includes(token)))
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
      }),
    )
  })

  it('is the same for the same text and never larger than asked for', () => {
    expect(trainTokenizer(corpus, 400, { chat: true })).toEqual(source)
    const vocabulary = new Inner(source.tokenizer, source.config).get_vocab()
    expect(vocabulary.size).toBe(tokenizer.size)
    expect(tokenizer.size).toBeLessThanOrEqual(400)
    expect(tokenizer.encode('please take').length).toBeLessThan(11)
  })

  it('starts raw texts with the start token', () => {
    expect(tokenizer.encodeStart('take')[0]).toBe(0)
    expect(tokenizer.encodeStart('take').slice(1)).toEqual(tokenizer.encode('take'))
  })
})

describe('completion masks', () => {
  const learnedText = ({ tokens, mask }: { tokens: number[]; mask: number[] }) =>
    tokenizer.decode(
      tokens.filter((_, i) => mask[i]),
      { special: true },
    )

  it('cover every answer of a conversation with its end token, and nothing else', () => {
    const row = encodeRow(
      tokenizer,
      [],
      [
        { role: 'system', content: 'be kind' },
        { role: 'user', content: 'the river' },
        { role: 'assistant', content: 'take it' },
        { role: 'user', content: 'the stone' },
        { role: 'assistant', content: '' },
      ],
      1000,
    )
    expect(learnedText(row)).toBe('take it<|im_end|><|im_end|>')
    expect(tokenizer.decode(row.tokens, { special: true })).toBe(
      '<|endoftext|><|im_start|>system\nbe kind<|im_end|>\n<|im_start|>user\nthe river<|im_end|>\n<|im_start|>assistant\ntake it<|im_end|>\n<|im_start|>user\nthe stone<|im_end|>\n<|im_start|>assistant\n<|im_end|>',
    )
  })

  it('the prompt part is what generation is given', () => {
    const prompt = [{ role: 'user', content: 'the river' }]
    const row = encodeRow(tokenizer, prompt, [{ role: 'assistant', content: 'take it' }], 1000)
    expect(row.tokens.slice(0, row.mask.indexOf(1))).toEqual(encodePrompt(tokenizer, prompt))
    const raw = encodeRow(tokenizer, 'the river', ' take it', 1000)
    expect(raw.tokens.slice(0, raw.mask.indexOf(1))).toEqual(encodePrompt(tokenizer, 'the river'))
  })

  it('an empty response and an empty prompt are valid', () => {
    expect(encodeRow(tokenizer, '', '', 10)).toEqual({ tokens: [0, end], mask: [0, 1] })
  })

  it('cutting takes from the left of the prompt, then from the right of the completion, and drops no row', () => {
    fc.assert(
      fc.property(
        fc.nat(30),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 2, max: 20 }),
        (prompt, completion, most) => {
          const tokens = Array.from({ length: prompt + 1 + completion }, (_, i) => i)
          const mask = tokens.map((i) => (i > prompt ? 1 : 0))
          const row = cut({ tokens, mask }, most)
          expect(row.tokens.length).toBe(Math.min(most, tokens.length))
          expect(row.mask[0]).toBe(0)
          expect(row.mask.includes(1)).toBe(true)
          const start = row.tokens[0]
          expect(row.tokens).toEqual(row.tokens.map((_, i) => start + i))
          if (row.tokens.at(-1) !== tokens.length - 1)
            expect(row.mask.indexOf(1)).toBeLessThanOrEqual(Math.max(1, most / 4))
        },
      ),
    )
  })

  it('a template that rewrites earlier turns is refused', () => {
    const rewriting = {
      ...source.config,
      chat_template: '{{ messages | length }}{% for m in messages %}{{ m.content }}{% endfor %}',
    }
    const answers = [
      { role: 'assistant', content: 'a' },
      { role: 'assistant', content: 'b' },
    ]
    expect(() => encodeRow(tokenizerFrom({ ...source, config: rewriting }), [], answers, 10)).toThrow(/rewrites/)
  })
})

describe('rows', () => {
  const user = [{ role: 'user', content: 'q' }]
  const answer = (content: string) => [{ role: 'assistant', content }]

  it('read the shapes of TRL', () => {
    expect(completionRows(line({ text: 'abc' }))).toEqual([{ prompt: '', completion: 'abc' }])
    expect(completionRows(line({ prompt: 'p', completion: 'c', weight: 2 }))).toEqual([
      { prompt: 'p', completion: 'c', weight: 2 },
    ])
    expect(completionRows(line({ prompt: 'p', chosen: 'c', rejected: 'r' }))).toEqual([
      { prompt: 'p', completion: 'c' },
    ])
    expect(completionRows(line({ messages: [...user, ...answer('a')] }))[0]!.completion).toEqual([
      ...user,
      ...answer('a'),
    ])
    expect(
      preferenceRow(line({ prompt: user, chosen: answer('a'), rejected: answer(''), label: 0.7, margin: 1 })),
    ).toEqual({
      prompt: user,
      chosen: answer('a'),
      rejected: answer(''),
      label: 0.7,
      margin: 1,
    })
    expect(preferenceRow(line({ prompt: 'p', chosen: 'a', rejected: 'b', tie: true })).label).toBe(0.5)
    expect(unpairedRows(line({ prompt: 'p', completion: 'c', label: false }))).toEqual([
      { prompt: 'p', completion: 'c', desirable: false },
    ])
    expect(unpairedRows(line({ prompt: 'p', chosen: 'a', rejected: 'b' })).map((row) => row.desirable)).toEqual([
      true,
      false,
    ])
    expect(promptRow(line({ messages: [...user, ...answer('a')] })).prompt).toEqual(user)
  })

  it.each([
    [0.8, 'a', 'b'],
    [0.2, 'b', 'a'],
  ])('of a pair labelled %d tell the better response where single ones are learned from', (label, better, worse) => {
    const pair = line({ prompt: 'p', chosen: 'a', rejected: 'b', label, weight: 2 })
    expect(completionRows(pair)).toEqual([{ prompt: 'p', completion: better, weight: 2 }])
    expect(unpairedRows(pair)).toEqual([
      { prompt: 'p', completion: better, desirable: true, weight: 2 },
      { prompt: 'p', completion: worse, desirable: false, weight: 2 },
    ])
    expect(unpairedRows(line({ prompt: 'p', completion: 'c', label: true, weight: 3 }))[0]!.weight).toBe(3)
  })

  it('have the share of votes as our datasets write it, unless there is a label', () => {
    const pair = { prompt: 'p', chosen: 'a', rejected: 'b', soft: 0.75 }
    expect(preferenceRow(line(pair)).label).toBe(0.75)
    expect(preferenceRow(line({ ...pair, label: 0.6 })).label).toBe(0.6)
    expect(() => preferenceRow(line({ ...pair, soft: 2 }))).toThrow('soft is 2')
  })

  it('leave out a tie where single responses are learned from', () => {
    for (const tied of [{ label: 0.5 }, { tie: true }]) {
      const pair = line({ prompt: 'p', chosen: 'a', rejected: 'b', ...tied })
      expect([...completionRows(pair), ...unpairedRows(pair)]).toEqual([])
    }
  })

  it('find the common prompt of preference rows that have none', () => {
    expect(preferenceRow(line({ chosen: [...user, ...answer('a')], rejected: [...user, ...answer('b')] }))).toEqual({
      prompt: user,
      chosen: answer('a'),
      rejected: answer('b'),
    })
    expect(preferenceRow(line({ chosen: 'Q: why? A: because', rejected: 'Q: why? A: become' }))).toEqual({
      prompt: 'Q: why? A:',
      chosen: ' because',
      rejected: ' become',
    })
  })

  it('say file, line and field of what they refuse', () => {
    const refusal = (run: () => unknown) => {
      try {
        run()
      } catch (error) {
        return (error as { where?: string }).where
      }
      return 'accepted'
    }
    expect(refusal(() => preferenceRow(line({ prompt: 'p', chosen: 3, rejected: 'r' })))).toBe(
      'rows.jsonl:1, field chosen',
    )
    expect(refusal(() => preferenceRow(line({ prompt: 'p', chosen: 'c' })))).toBe('rows.jsonl:1, field rejected')
    expect(refusal(() => preferenceRow(line({ prompt: 'p', chosen: 'c', rejected: 'r', label: 3 })))).toBe(
      'rows.jsonl:1, field label',
    )
    expect(refusal(() => completionRows(line({})))).toBe('rows.jsonl:1, field completion')
    expect(refusal(() => unpairedRows(line({ prompt: 'p', completion: 'c', label: 'yes' })))).toBe(
      'rows.jsonl:1, field label',
    )
  })
})

const expectedPath = fileURLToPath(
  new URL('../../../../shared/data/hh-rlhf/harmless-base.first1800.jsonl.gz', import.meta.url),
)

describe('real text', () => {
  it.skipIf(!existsSync(expectedPath))(
    'reads gzipped HH pairs and learns 2,048 tokens (SKIPPED without ../shared/data)',
    () => {
      const lines = readLines(expectedPath)
      expect(lines.length).toBe(1800)
      const texts = lines.slice(0, 400).flatMap(({ fields }) => [String(fields.chosen), String(fields.rejected)])
      const learned = tokenizerFrom(trainTokenizer(texts, 2048, { chat: false }))
      expect(learned.size).toBeGreaterThan(2000)
      expect(learned.encode(texts[0]).length).toBeLessThan(texts[0].length / 3)
      expect(learned.decode(learned.encode(texts[0]))).toBe(texts[0])
      expect(readFileSync(expectedPath).length).toBeGreaterThan(0)
    },
  )
})

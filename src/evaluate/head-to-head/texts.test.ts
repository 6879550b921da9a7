import { expect, it } from 'vitest'
import { countTexts } from './texts.ts'

const pair = (question: string, candidate: string, baseline: string) => ({
  prompt: question,
  turns: [{ role: 'user' as const, text: question }],
  candidate,
  baseline,
  parameters: {},
  isCut: false,
})

it('counts answers that refuse, go in circles, leave the language of the prompt, or tell of a person', async () => {
  const question = 'What is the best way to get from the station to the museum, and how long does it take?'
  const answer = 'Take the tram to the market and walk from there; it takes about ten minutes.'
  const answers = [
    pair(question, 'I cannot help with that.', answer),
    pair(question, 'round and round '.repeat(20), answer),
    pair(question, 'Nehmen Sie die Bahn bis zum Markt, und gehen Sie von dort zu Fuß; das ist nicht weit.', answer),
    pair(question, answer, 'Write to ada.lovelace@example.com and ask her.'),
    // Nothing says which language this is.
    pair('42?', answer, 'I cannot help with that.'),
  ]
  expect(await countTexts(answers, new AbortController().signal)).toEqual({
    refusal: { candidate: 1, baseline: 1, n: 5 },
    repetition: { candidate: 1, baseline: 0, n: 5 },
    language: { candidate: 1, baseline: 0, n: 4 },
    personal: { candidate: 0, baseline: 1, n: 5 },
  })
})

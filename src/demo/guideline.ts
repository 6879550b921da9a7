/** The guideline of the demo project: what the people there are asked to prefer. */
import type { Client } from './client.ts'

type Clauses = Parameters<Client['guideline']['saveDraft']>[0]['clauses']

export const clauses: Clauses = [
  {
    id: 'to-the-point',
    title: 'Say the point of the matter',
    text: 'A good reply takes up what the customer wrote about. One that speaks of something else, or says nothing in particular, is the worse one.',
    examples: [
      { verdict: 'good', text: 'Your parcel is running late.', why: 'To: where is my order?? ordered two weeks ago' },
      { verdict: 'bad', text: 'We will look into it.', why: 'It could be said to anybody.' },
    ],
  },
  {
    id: 'next-step',
    title: 'Give a next step',
    text: 'Best of all it says what happens now or what to do: a time, a place, a thing to press or to send.',
    examples: [
      {
        verdict: 'good',
        text: 'You can set a new password. Follow the link in our mail.',
        why: 'The customer knows how to go on.',
      },
      { verdict: 'borderline', text: 'You can set a new password.', why: 'Right, but how?' },
    ],
  },
  {
    id: 'offer',
    title: 'End with an offer of help',
    text: 'One short offer of more help at the end is friendly. Said twice it is too much.',
    examples: [{ verdict: 'good', text: 'Your invoice is ready. Let me know if you need more help.', why: '' }],
  },
  {
    id: 'no-padding',
    title: 'Waste no words',
    text: 'Praise of ourselves and empty phrases count against a reply. Length by itself counts neither way.',
    examples: [
      { verdict: 'bad', text: 'We take every message from our customers very seriously.', why: 'It helps nobody.' },
    ],
  },
]

/** Messages of customers by the hundred, composed from clauses: what the first policies learn to read from. */
import type { Topic } from './desk/topic.ts'
import type { Random } from './random.ts'

const slots: Record<string, readonly string[]> = {
  parcel: ['parcel', 'package', 'order', 'delivery'],
  delivery: ['delivery', 'parcel', 'package'],
  item: (
    'lamp mug table vase clock kettle mirror frame radio chair book teapot bowl scarf toaster blender pillow speaker rug jacket bag shelf desk tent ' +
    'fan bike pan puzzle coat curtain backpack game blanket bed carpet camera grill basket drill sofa mixer raincoat cushion plate'
  ).split(' '),
  wear: 'boots shirt trousers ring coat shoes gloves jumper hat dress jacket scarf sweater'.split(' '),
  colour: 'red blue green yellow black white grey brown'.split(' '),
  country:
    'Norway Ireland Canada Spain Switzerland Japan Portugal Greece Denmark Australia Iceland France Italy Poland Sweden Austria Brazil India Belgium Mexico Finland Turkey'.split(
      ' ',
    ),
  friend: 'mother father sister brother son daughter friend aunt neighbour parents'.split(' '),
  birthday: ['birthday', 'wedding', 'party'],
  day: 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday yesterday'.split(' '),
  time: [
    'last week',
    'two weeks ago',
    'yesterday',
    'in May',
    'three days ago',
    'a month ago',
    'last night',
    'this morning',
  ],
  number: '2 3 4 5 6 7 8 10 12 38 40 43'.split(' '),
  word: 'SPRING HELLO WINTER SAVE FRIEND'.split(' '),
}
const greetings = [
  'Hi,',
  'Hello,',
  'Hey,',
  'Good morning,',
  'Hello there,',
  'Hi there,',
  'Please,',
  'Excuse me,',
  'Help!',
  'Sorry,',
]
const ends = [
  'What can I do?',
  'Can you help me?',
  'Please help.',
  'What now?',
  'Any news?',
  'Thanks!',
  'Thank you.',
  'Can you check?',
  'Is that possible?',
  'What do I have to do?',
  'I am not happy.',
  'Please sort it out.',
  'How does that work?',
  'Can you fix that?',
  'Could you look into it?',
  'That is not right.',
]

const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
const isQuestion = (text: string) => /^(where|when|how|can|do|does|is|what|which|will|why|may|who|any)\b/i.test(text)

function filled(clause: string, random: Random): string {
  return clause.replace(/\{(\w+)\}/g, (_, slot: string) => random.pick(slots[slot]!))
}

/** One message on the topic. Some people write in a hurry: without capitals, or leaving words out. */
export function compose({ clauses }: Topic, random: Random): string {
  const clause = filled(random.pick(clauses), random)
  const hurry = random.next()
  if (hurry < 0.12) return clause.toLowerCase() + (random.next() < 0.4 ? (isQuestion(clause) ? '??' : '!') : '')
  let text = upper(clause) + (isQuestion(clause) ? '?' : '.')
  if (random.next() < 0.1) text = `${text} ${upper(filled(random.pick(clauses), random))}`.replace(/([^.?])$/, '$1.')
  if (random.next() < 0.25)
    text = `${random.pick(greetings)} ${text.startsWith('I ') ? text : text.charAt(0).toLowerCase() + text.slice(1)}`
  if (random.next() < 0.2) text = `${text} ${random.pick(ends)}`
  return text
}

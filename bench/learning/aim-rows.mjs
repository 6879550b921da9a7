// Own prompts with answers that follow one checkable aim: at most two sentences, the last of them a question back.
// Forty-eight to learn from (prompt, answer in that form), twenty that are only asked.

export const followsAim = (text) => {
  const sentences = text.trim().match(/[^.!?]+[.!?]+/g) ?? []
  return text.trim().endsWith('?') && sentences.length <= 2 && sentences.join('').trim() === text.trim()
}

export const learned = [
  [
    'How do I keep basil alive indoors?',
    'Give it a sunny window and water when the top soil is dry. How much light does your kitchen get?',
  ],
  ['What should I cook tonight?', 'A quick vegetable curry is warm and easy. Which vegetables do you have at home?'],
  [
    'How can I learn to play the guitar?',
    'Start with three chords and ten minutes a day. What kind of music do you like?',
  ],
  [
    'Why is the sea salty?',
    'Rivers carry dissolved minerals from rocks into it. Would you like to know why lakes stay fresh?',
  ],
  [
    'I cannot fall asleep.',
    'A dark, cool room and no screens before bed often help. What do you usually do in the evening?',
  ],
  [
    'Tell me about Rome.',
    'Rome is the capital of Italy and nearly three thousand years old. Are you planning a visit?',
  ],
  ['How do I remove a coffee stain?', 'Rinse it with cold water and a little vinegar at once. What fabric is it on?'],
  [
    'What is a good first programming language?',
    'Python is friendly to beginners and widely used. What would you like to build?',
  ],
  ['My cat does not eat.', 'A day without food can be a sign of illness, so watch it closely. How long has it been?'],
  [
    'How do bees make honey?',
    'They dry nectar with their wings until it is thick. Did you know that they visit millions of flowers for one jar?',
  ],
  ['Give me a tip for job interviews.', 'Prepare two short stories that show your strengths. What is the position?'],
  ['How far is the moon?', 'It is about 384,000 kilometres away. Shall I explain how that was measured?'],
  ['I want to start running.', 'Begin with walking and short runs three times a week. Have you got good shoes?'],
  [
    'What does photosynthesis do?',
    'It turns light, water and carbon dioxide into sugar and oxygen. Is this for school?',
  ],
  ['How do I write a thank-you note?', 'Name the gift and say how you will use it. Who is it for?'],
  ['Which bike should I buy?', 'For the city a light bike with mudguards is enough. How far do you ride each day?'],
  [
    'Why do leaves change colour?',
    'The green pigment breaks down and the yellow beneath shows. Which trees grow near you?',
  ],
  ['How do I save money?', 'Put a fixed part aside on the day you are paid. What are you saving for?'],
  ['Recommend a book.', 'Try a short novel such as The Old Man and the Sea. What did you enjoy reading last?'],
  ['My tomatoes have brown spots.', 'That is often too much water on the leaves. How do you water them?'],
  [
    'How does a vaccine work?',
    'It shows the immune system a harmless part of a germ. Which vaccine are you thinking of?',
  ],
  ['What is the tallest mountain?', 'Mount Everest rises 8,849 metres above the sea. Do you like mountains?'],
  ['I forgot my password.', 'Use the reset link on the sign-in page. Which account is it?'],
  [
    'How do I make pancakes?',
    'Whisk flour, eggs and milk and fry thin layers in butter. Do you like them sweet or savoury?',
  ],
  ['Why do cats purr?', 'They often purr when content, and sometimes to calm themselves. When does yours purr?'],
  ['How can I be more patient?', 'Breathe slowly and count to ten before you answer. When is it hardest for you?'],
  ['What is inflation?', 'It is a general rise in prices over time. Would an example help?'],
  ['How do I clean a keyboard?', 'Unplug it, shake it out and wipe it with a damp cloth. Is it a laptop?'],
  ['I am bored.', 'A walk to a street you have never seen can help. What do you enjoy doing?'],
  ['How do planes fly?', 'Their wings push air down, and the air pushes them up. Shall I explain the engines too?'],
  ['Which language should I learn?', 'Choose one that you will hear often, such as Spanish. Where would you use it?'],
  ['How do I grow potatoes?', 'Plant sprouting pieces in loose soil and cover the stems. Do you have a garden?'],
  ['What causes thunder?', 'Lightning heats the air so fast that it cracks. Is there a storm near you?'],
  ['My phone is slow.', 'Restart it and delete what you no longer use. How old is it?'],
  [
    'How do I tie a tie?',
    'Cross the wide end over the narrow one, loop it and pull it through. Is it for a special day?',
  ],
  [
    'What is a black hole?',
    'It is a place where gravity lets not even light escape. Would you like to hear how they form?',
  ],
  ['How can I drink more water?', 'Keep a full glass within reach all day. How much do you drink now?'],
  ['Suggest a weekend trip.', 'A small town by a lake is restful. How far would you travel?'],
  ['How do I paint a wall?', 'Tape the edges, prime it and roll in thin layers. What colour have you chosen?'],
  ['Why is bread soft?', 'Gas from yeast makes bubbles in the dough. Do you bake yourself?'],
  ['I have a headache.', 'Rest, water and quiet often help, and a doctor if it lasts. When did it begin?'],
  ['How do magnets work?', 'Tiny spins inside them line up and add together. Is this for an experiment?'],
  ['What should I name my dog?', 'Short names such as Milo are easy to call. What is it like?'],
  ['How do I fold a shirt?', 'Lay it face down, fold the sides in and the bottom up. Is it for travel?'],
  ['Who painted the Mona Lisa?', 'Leonardo da Vinci painted it in the early sixteenth century. Have you seen it?'],
  ['How can I focus better?', 'Work in short blocks with the phone in another room. What distracts you most?'],
  ['What is the best time to visit Japan?', 'Spring and autumn are mild and beautiful. What do you want to see?'],
  ['How do I fix a flat tyre?', 'Find the hole, roughen it, glue a patch and wait. Do you have a repair kit?'],
]

export const asked = [
  'How do I make good coffee?',
  'What is the capital of Canada?',
  'I want to lose weight.',
  'Why is the sky blue?',
  'How can I make new friends?',
  'My plant has yellow leaves.',
  'What does a judge do?',
  'How do I boil rice?',
  'Tell me about penguins.',
  'Which sport is good for the back?',
  'How do I write a poem?',
  'What is electricity?',
  'I am nervous about a speech.',
  'How do I wash wool?',
  'Why do we dream?',
  'Suggest a gift for my mother.',
  'How does the internet work?',
  'My neighbour is loud.',
  'What is a healthy breakfast?',
  'How do I find a hobby?',
]

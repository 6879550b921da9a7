/** Orders: before they leave, and when they come back. */
import { lines, type Topic } from './topic.ts'

export const orders: Topic[] = [
  {
    name: 'return',
    prompts: lines(`
      How do I return a pair of shoes?
      I don't like the curtains, can I send them back?
      What is your return policy?
      I changed my mind about the coat. How can I give it back?
      Do I have to pay for sending something back?
      It's been three weeks, can I still return my backpack?
      where do I find the return label
      I want to send back a lamp that I bought by mistake.
      Can I bring things back to one of your shops?
      The rug doesn't match my room. May I return it?
      Is it possible to return an opened box?
      How long do I have to send things back?
      The label for returns fell out of my parcel, could I get another?
      I would like to send the game back, we already have it.
      Nobody told me how returns work. What do I need to do?
      Got two jackets to choose from, how do I send one of them back?
      Where can I hand in a return?
      The lamp is nice but too bright, I'd like to return it.
      Can I still send back something I bought in the sale?
      How do I get a new return label?
    `),
    clauses: lines(`
      how do I return a {item}
      can I return the {item}
      I want to return my {item}
      can I send the {item} back
      how do I send back a {item}
      I do not like the {item} and want to send it back
      what is your return policy
      where is the return label
      I need a label for a return
      how long do I have to return the {item}
      do I have to pay for a return
      I changed my mind about the {item}, can I give it back
      may I return an opened {item}
      can I bring the {item} back to your shop
      how do returns work
      I would like to send back the {item} I bought {time}
      how long do I have to send it back
      do I have to pay to send it back
      what do I need to do to return it
      it does not match my room, may I return it
      where can I hand in a return
      I would like to return the {item}
      can I get another return label
      the {item} is not what I hoped for, how do I return it
      I already have a {item}, I want to send this one back
      is a return free
      how many days do I have for a return
      may I send back what I bought in the sale
      the return label is missing
      what do I do to give the {item} back
      can I return one of two {item}s
      I bought the {item} by mistake and want to return it
    `),
    points: ['You can send it back for free.', 'You can return it within thirty days.'],
    steps: ['Print the label from your account.', 'The courier will pick it up at your door.'],
  },
  {
    name: 'refund',
    prompts: lines(`
      When do I get my money back?
      I sent the boots back two weeks ago and have not been refunded.
      Still no refund on my card.
      How long does a refund take?
      You got my return on the 3rd. Where is my money?
      My bank says nothing has come in from you yet.
      The refund you promised me hasn't been paid.
      I only got half of the money back.
      Hi, can you check the status of my refund please?
      waiting for my refund since may!!
      I returned everything but the money is not in my account.
      Will the refund go to my old card? That one has expired.
      Why has my money not been paid back yet?
      Do I also get the postage refunded?
      The mail says refunded, the bank says no.
      When will the 40 euros for the returned chair be paid to me?
      I've been waiting for a refund for over a month.
      Has my refund been sent?
      My money for the two jackets hasn't come back yet.
      Why is my refund smaller than what I paid?
    `),
    clauses: lines(`
      where is my refund
      when do I get my refund
      when do I get my money back
      I have not been refunded for the {item}
      I sent the {item} back {time} and got no money
      still no refund for the {item}
      how long does a refund take
      the refund is not on my card
      my bank has no money from you
      you promised me a refund {time}
      the money for the {item} has not been paid back
      I am waiting for my money since {day}
      what is the status of my refund
      I only got half of my money back
      I returned the {item}, where is my money
      when will the money be in my account
      my bank says nothing has come in yet
      will the refund go to my old card
      the money has not come back to my bank account
      do I get the postage refunded
      has my refund been sent
      why is my refund smaller than what I paid
      I was promised my money back
      how long until I have my money back
      you have the {item} back, where is my money
      no money on my account yet
      the mail says refunded but the bank says no
      I am still waiting for the refund of the {item}
      please check my refund
      when will you pay me back
      my refund has not come
      will I be paid back on my card
    `),
    points: ['Your refund was approved this morning.', 'Your refund is being processed.'],
    steps: ['The money will be there within five days.', 'You will get a mail when the bank has it.'],
  },
  {
    name: 'cancel',
    prompts: lines(`
      Please cancel my order from this morning.
      I ordered twice by accident, can you stop one of them?
      How can I cancel? There is no button.
      I don't need the bed any more, please call it off.
      Can I still cancel an order that is being packed?
      Need to stop my order, I chose the wrong thing.
      My son ordered this without asking. Please cancel it.
      changed my mind, dont send it please
      Found it cheaper elsewhere, so I want to cancel.
      Is it too late to cancel the order I made last night?
      Could you please take back my order before it ships?
      I pressed buy too soon. Please undo that.
      Please withdraw my order for the garden chairs.
      Hello, I want to cancel order 5521 before it goes out.
      We no longer want the carpet. How do we cancel?
      Is there a fee if I cancel my order today?
      Cancel my order, please, I found a better one.
      Can you still stop the order I placed an hour ago?
      I'd like to cancel the lamp but keep the rug.
      Made a mistake, please cancel everything.
    `),
    clauses: lines(`
      please cancel my order
      I want to cancel my order
      how can I cancel
      can I still cancel the {item}
      can I cancel what I ordered {time}
      please stop my order
      I ordered the {item} by mistake, please cancel it
      I do not need the {item} any more, please cancel
      my {friend} ordered a {item} without asking, cancel it please
      is it too late to cancel
      I ordered twice, please stop one order
      can you call off my order before it ships
      I changed my mind, do not send the {item}
      please undo my order
      we no longer want the {item}, please cancel it
      I pressed buy too soon, stop the order please
      how do we cancel
      please withdraw my order
      take back my order please
      cancel everything please
      I would like to cancel the {item}
      please do not send the {item}, I want to cancel
      can you stop the order from {time}
      is cancelling free
      I found it cheaper, please cancel my order
      I do not want my order any more
      cancel order {number} please
      there is no button to cancel
      I ordered the wrong {item}, can I cancel
      please take the {item} out of my order
      can it still be cancelled
    `),
    points: ['Your order can still be cancelled.', 'We can cancel it, as it has not left yet.'],
    steps: ['Open your order, then press the red button.', 'Nothing will be taken from your card.'],
  },
  {
    name: 'size',
    prompts: lines(`
      The boots are too small, do you have a 43?
      Can I swap my shirt for a larger one?
      These trousers are far too long for me.
      How do your sizes run, small or large?
      Ordered a medium but I need a small.
      The ring doesn't fit my finger.
      I'm between 38 and 40, which one should I take?
      The coat fits nowhere. Could I get a bigger one?
      Is there a size chart for children's shoes?
      My gloves are way too tight.
      does the jumper come in xxl
      The hat is too big and falls over my eyes.
      I'd like the same dress one number smaller please.
      The sleeves of the jacket are short on me, can I exchange it?
      What size is right for a child of six?
      Shoes pinch at the toes, I should have taken them bigger.
      The dress is lovely but one size too large.
      Do you have these trousers in a bigger size?
      My new shoes are half a size too small.
      Which size would fit someone who wears a 42?
    `),
    clauses: lines(`
      the {wear} is too small
      my {wear} is too big
      the {wear} does not fit
      can I swap the {wear} for a larger size
      I need the {wear} one size smaller
      the {wear} is too long for me
      the {wear} is too tight
      which size should I take
      how do your sizes run
      is there a size chart for the {wear}
      do you have the {wear} in {number}
      I ordered a medium and need a large
      can I exchange the {wear} for a bigger one
      does the {wear} come in small
      the sleeves of the {wear} are too short
      what size of {wear} is right for a child
      the {wear} fits nowhere, could I get a bigger one
      I would like the {wear} one number smaller
      the {wear} pinches, I need it bigger
      am I a {number} or a {number}
      the {wear} is one size too large
      do you have the {wear} in a bigger size
      my {wear} is half a size too small
      which size fits someone who wears a {number}
      I need a smaller {wear}
      the {wear} falls off me, it is so big
      is the {wear} true to size
      can I change the {wear} for size {number}
      I took the wrong size
      the {wear} comes only in large, do you have medium
      the {wear} squeezes, a size more would help
      I am not sure about my size
    `),
    points: ['We can swap it for another size.', 'Our sizes run a little small.'],
    steps: ['Tell us which one you need.', 'There is a chart under each picture.'],
  },
]

/** Parcels: on their way, at the door, in the box. */
import { lines, type Topic } from './topic.ts'

export const parcels: Topic[] = [
  {
    name: 'late parcel',
    prompts: lines(`
      My parcel was due on Tuesday and it's still not here.
      where is my order?? ordered two weeks ago
      Tracking hasn't moved for five days, is my package lost?
      I was promised next day delivery and that was three days ago.
      Still waiting for the blanket I ordered. Any news?
      The birthday is tomorrow and the present hasn't arrived yet.
      Hi, just wondering when my delivery will finally get here.
      Is there a delay with deliveries at the moment? Mine is overdue.
      My order says shipped but nothing has come so far.
      Could you check where my parcel is? It should have been here last week.
      its been 10 days and no parcel
      Your site said 2 to 3 days. It is day six now and I have nothing.
      The tracking page says "in transit" since Monday. Is that normal?
      I'm leaving on Friday, will my package arrive before that? It's already late.
      How much longer do I have to wait for my delivery?
      Package still hasn't shown up, can you find out what is going on?
      Good morning, any idea when my order will turn up?
      My delivery is a week late by now.
      The parcel with my new shoes has not come, and I need them on Saturday.
      you said friday, today is monday, where is it
    `),
    clauses: lines(`
      my {parcel} is late
      my {parcel} has not arrived
      my {parcel} is still not here
      the {item} I ordered {time} has not come yet
      where is my {parcel}
      where is the {item} I ordered {time}
      I am still waiting for my {parcel}
      still waiting for the {item}
      the tracking of my {parcel} has not moved since {day}
      my {parcel} was due on {day}
      my {delivery} is overdue
      it is {number} days now and no {parcel}
      how much longer will my {parcel} take
      when will my {parcel} get here
      you promised {delivery} by {day} and nothing has come
      my {parcel} should have been here {time}
      is my {parcel} lost
      is there a delay with my {delivery}
      the present for the {birthday} has not arrived yet
      tracking says in transit since {day}
      my {parcel} has not shown up
      is my {parcel} overdue
      its been {number} days and no {parcel}
      I was promised next day {delivery}
      I have nothing yet, it is day {number}
      any idea when my {parcel} will turn up
      the {parcel} is a week late
      my {parcel} should have come on {day}
      can you find out what is going on with my {parcel}
      I have been waiting {number} days for my {parcel}
      you said {day} and it is still not here
      will my {parcel} come before {day}
      no {item} has come so far
      has my {parcel} got lost
      I need the {item} on {day} and it has not come
      tracking says nothing new for {number} days
      my {delivery} is taking very long
    `),
    points: ['Your parcel is running late.', 'Your parcel is delayed at the depot.'],
    steps: ['I have asked the courier to come by Friday.', 'We will send a new one if it does not come.'],
  },
  {
    name: 'damaged',
    prompts: lines(`
      The lamp I got from you has a crack right through the base.
      My mug arrived in pieces.
      Just opened the box and the glass is smashed.
      The table came with a big scratch and one leg is bent.
      Hello, the vase was broken when I unpacked it.
      Parcel looked like someone stepped on it, and the clock inside is cracked.
      received a damaged kettle, what now?
      The plates were badly packed and two of them are chipped.
      My new mirror is shattered. Very disappointed.
      The box was torn and the frame inside is dented.
      Screen of the radio was cracked on arrival.
      Unpacked my chair today and the back is split.
      Everything in the parcel is soaked and the book is ruined.
      The teapot you sent me has a broken lid.
      Sadly the bowl did not survive the trip, it is in two halves.
      my order came damaged, there is a hole in the side
      I'm afraid the mirror cracked in the post.
      Both cups in my parcel are broken.
      The clock came with its glass smashed. What now?
      The shelf has a dent and a long scratch.
    `),
    clauses: lines(`
      the {item} is broken
      my {item} arrived broken
      the {item} has a crack
      the {item} came in pieces
      my {item} is scratched
      my {item} was damaged
      the {item} is smashed
      I unpacked the {item} and it is broken
      the box was torn and the {item} is dented
      the {item} is chipped
      the glass of the {item} is cracked
      one leg of the {item} is bent
      the {item} was badly packed and is in two halves
      you sent me a damaged {item}
      there is a hole in the {item}
      the {item} is shattered
      the {item} came with a scratch
      the {item} had a crack on arrival
      I received a damaged {item}
      the screen of the {item} was cracked
      the lid of the {item} is broken
      the back of my {item} is split
      everything in the {parcel} is soaked and ruined
      there is a big scratch on the {item}
      the {item} cracked in the post
      both of the {item}s are broken
      the {item} has a dent
      I am afraid the {item} is damaged
      the {item} was in pieces when I opened the box
      someone stepped on the box and the {item} is broken
      the {item} did not survive the trip
      the {item} has a broken corner
      the box was wet and the {item} is ruined
      the handle of the new {item} is broken off
      the {item} came with its glass smashed
      half of the {item} is crushed
    `),
    points: ['That item was damaged on the way.', 'It should not reach you broken.'],
    steps: ['Please send us a photo of it.', 'I am sending you a new one today.'],
  },
  {
    name: 'shipping abroad',
    prompts: lines(`
      Do you ship to Norway?
      How much is postage to Ireland?
      I live in Canada, can I order from you?
      Can you send a gift to my sister in Spain?
      Is delivery to Switzerland possible, and what about customs?
      What does it cost to send a parcel overseas?
      Your checkout doesn't let me choose Japan as country.
      do you deliver outside the country
      We are moving to Portugal, can we still order?
      I'd like to have a lamp shipped to Greece, is that an option?
      Shipping fees for Denmark please?
      How long does a parcel to Australia take?
      My parents live abroad and would love your tea set. Would you post it to them?
      Which countries do you send to?
      Is international shipping available for large furniture?
      Hello from Iceland! Can I get your boots sent here?
      Could you deliver a bed to Belgium?
      I am in Mexico. Do you ship here as well?
      What would delivery to Finland cost me?
      Can my order go to a friend in Turkey?
    `),
    clauses: lines(`
      do you ship to {country}
      can you send a {item} to {country}
      how much is postage to {country}
      is delivery to {country} possible
      I live in {country}, can I order a {item}
      do you deliver to {country}
      what does shipping to {country} cost
      my {friend} lives in {country}, can you ship there
      can I have a {item} sent to {country}
      how long does a parcel to {country} take
      do you ship abroad
      do you send parcels overseas
      do you deliver outside the country
      which countries do you ship to
      is international shipping available
      we are moving to {country}, can we still order
      {country} is not in your list of countries
      I want to send a gift to my {friend} in {country}
      your checkout has no {country} as country
      what about customs for {country}
      shipping fees for {country}
      my {friend} lives abroad
      would you post a {item} to {country}
      could you deliver to {country}
      I am in {country}, do you ship here
      hello from {country}, can I get a {item} sent here
      what would a {parcel} to {country} cost
      is {country} possible as an address
      do you send things to other countries
      can my {friend} in {country} get a {item}
      I would like to have a {item} shipped to {country}
      how long until a {parcel} is in {country}
      your shop does not let me choose {country}
      is there customs for {country}
    `),
    points: ['Yes, we ship abroad.', 'We ship to most other countries.'],
    steps: ['Delivery takes a week, for nine euros.', 'Just choose your country at the checkout.'],
  },
]

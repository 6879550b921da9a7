/** Money: paying, papers, cards and codes. */
import { lines, type Topic } from './topic.ts'

export const money: Topic[] = [
  {
    name: 'invoice',
    prompts: lines(`
      I need an invoice for my order.
      Could you send me the receipt again?
      There was no bill in the parcel.
      My company needs a proper invoice with the tax number.
      Where can I download my invoice?
      The name on the invoice is wrong.
      Please mail me a copy of the receipt for my chair.
      For my taxes I need all bills from last year.
      I lost the receipt, can you give me another one?
      Can you put my firm's name on the bill?
      how do i get a receipt
      The invoice shows the wrong amount.
      Our accounting asks for the paper of our last purchase.
      Is it possible to get the invoice as a PDF?
      The receipt never came by mail.
      I bought a printer for work and need the bill made out to the office.
      Can you send me a bill for my last order?
      I can't find the invoice in my account.
      We need the receipt with our company's name on it.
      Is there an invoice for the gift I bought in June?
    `),
    clauses: lines(`
      I need an invoice
      I need an invoice for the {item}
      can you send me the receipt
      where is my invoice
      there was no bill with the {item}
      where can I download the invoice
      I lost the receipt of the {item}
      please mail me a copy of the invoice
      my company needs an invoice
      the name on the invoice is wrong
      I need the bill for my taxes
      can I get the receipt as a PDF
      please put the firm's name on the bill
      the receipt for the {item} never came
      the invoice shows the wrong amount
      our accounting needs the receipt of the {item}
      I need all bills from last year
      the bill should be made out to my office
      for my taxes I need the bill
      can I have the bill for the {item}
      I can not find the invoice in my account
      please send me the bill for my last order
      we need a receipt with the company's name
      is there an invoice for the {item}
      I never got an invoice
      can you send the invoice again
      I need a receipt for the {item} I bought {time}
      the bill was not in the box
      please put the tax number on the invoice
      could I have a copy of the bill
      how do I get a receipt
      my invoice is missing
    `),
    points: ['Your invoice is ready.', 'I have made a new invoice for you.'],
    steps: ['You can download it under My orders.', 'It will be in your mailbox in ten minutes.'],
  },
  {
    name: 'discount code',
    prompts: lines(`
      My discount code isn't working.
      I have a ten percent voucher and your site says invalid.
      Where do I enter my promo code?
      The code SPRING does nothing at the checkout.
      I forgot to use my voucher, can I still get the discount?
      Can I use two codes in one order?
      Your mail promised 15% off but the price is the same.
      Is there a student discount?
      The coupon expired yesterday, can you make an exception?
      why is my code not accepted
      Does the voucher count for things on sale too?
      As a new customer I was told that I get something off.
      The reduction was not taken off my total.
      How do I redeem the coupon from your catalogue?
      It says my code has been used already, but I never did.
      Any offers or codes for regular customers?
      The voucher from your newsletter is not accepted.
      My ten euro coupon doesn't work at the checkout.
      I typed in the discount code, but the total stays the same.
      Do you have a promo code for first orders?
    `),
    clauses: lines(`
      my discount code does not work
      my code is not accepted
      the voucher is invalid
      where do I enter my code
      where do I type in the promo code
      I forgot to use my voucher
      can I use two codes
      the discount was not taken off
      my coupon expired {time}
      is there a discount for students
      your mail promised ten percent off the {item}
      does the voucher work for the {item}
      how do I redeem a coupon
      my voucher says it was used already
      the code {word} does nothing
      do you have a discount code for the {item}
      do you have an offer for new customers
      the reduction was not taken off my total
      my code has been used already
      is there a student discount
      the voucher from your mail is not accepted
      my coupon does not work
      I typed in the code but the price stays the same
      do you have a promo code
      can I still use my voucher
      the discount code is invalid
      my discount is missing
      when does the voucher expire
      the code for ten percent does not work
      I have a coupon for the {item}
      is the discount also for the {item}
      a voucher of mine is refused
    `),
    points: ['That discount code has run out.', 'We have a new discount code for you.'],
    steps: ['Use the code HELLO until the end of May.', 'Enter it in the last step of your order.'],
  },
  {
    name: 'gift card',
    prompts: lines(`
      How much is left on my gift card?
      My gift card is not accepted.
      Can I buy a gift card for a friend?
      I got one of your gift cards for my birthday, how do I use it?
      Does a gift card run out?
      The number on the gift card can't be read.
      I scratched off the code of my gift card and now it's gone.
      Can I pay part of an order with a gift card?
      i lost my gift card
      Do you sell gift cards for 25 euros?
      The gift card I bought online has not come.
      Where do I type in the number of the gift card?
      May I use two gift cards at once?
      Is it possible to send a gift card by mail to my aunt?
      My gift card shows zero but I never used it.
      Would you exchange my gift card for money?
      Is my gift card still good?
      I'd like to know what is left on a gift card.
      The gift card from my aunt doesn't work.
      How can I give someone a gift card?
    `),
    clauses: lines(`
      how much is left on my gift card
      my gift card is not accepted
      how do I use a gift card
      can I buy a gift card
      can I buy a gift card for my {friend}
      can I pay for the {item} with a gift card
      I lost my gift card
      does my gift card run out
      the number of my gift card can not be read
      where do I type in the gift card
      my gift card shows zero
      the gift card for my {friend} has not come
      do you sell gift cards
      I got a gift card from my {friend}
      can I use two gift cards for the {item}
      can my gift card be sent by mail
      may I use two gift cards
      where is the number of my gift card
      the code of my gift card is gone
      is my gift card still good
      what is left on this gift card
      the gift card from my {friend} does not work
      how can I give someone a gift card
      I want to buy a gift card for {number} euros
      where do I enter the number of the gift card
      I can not read the code on my gift card
      does a gift card expire
      my gift card is empty but I never used it
      how do I pay with a gift card
      can I get money for my gift card
      please send me a new gift card
    `),
    points: ['Your gift card is good for three years.', 'Your gift card works online too.'],
    steps: ['Type in its number when you pay.', 'You can see what is left in your account.'],
  },
]

/** The account, the site, and what comes after years. */
import { lines, type Topic } from './topic.ts'

export const account: Topic[] = [
  {
    name: 'password',
    prompts: lines(`
      I forgot my password.
      How can I reset my password?
      It says my password is wrong but I'm sure it is right.
      I can't log in any more.
      Your site does not let me into my account.
      The link to set a new password does not work.
      I'm locked out after three tries.
      My login fails every time since yesterday.
      password reset mail never came
      I have a new phone and can't sign in.
      What do I do if I don't remember my login?
      Why does my old password no longer work?
      Every time I try to sign in, I get an error.
      Please unlock my account, I mistyped the password too often.
      How do I choose a safer password?
      Help, somebody changed my password!
      I can't get into my account since the update.
      Please send me a new password.
      My password is not accepted any more.
      The reset link for my password has run out.
    `),
    clauses: lines(`
      I forgot my password
      how do I reset my password
      my password is wrong
      I can not log in
      I can not sign in
      the link for a new password does not work
      I am locked out of my account
      my login does not work
      the password mail never came
      I do not remember my login
      I get an error when I sign in
      please unlock my account
      I need a new password
      how do I change my password
      my old password no longer works
      your site does not let me in
      my login fails every time
      I have a new phone and can not sign in
      somebody changed my password
      I mistyped my password too often
      please send me a new password
      my password is not accepted
      I can not get into my account
      the reset link has run out
      I want to change my password
      I was locked out after three tries
      what do I do if I forgot my login
      how do I log in without my password
      my account is locked
      logging in does not work
      I lost my password
      the site says wrong password
    `),
    points: ['You can set a new password.', 'I have reset your password.'],
    steps: ['Follow the link in our mail.', 'The link is good for one hour.'],
  },
  {
    name: 'newsletter',
    prompts: lines(`
      Stop sending me your newsletter.
      How do I unsubscribe?
      I get three mails a day from you, that's too many.
      Please take me off your mailing list.
      I unsubscribed twice and you still write to me.
      The unsubscribe link is broken.
      Your newsletter comes every day, make it stop please.
      Who gave you my mail address? No more advertising please.
      no more spam please
      I am tired of all your mails.
      Your advertising fills my inbox.
      I never agreed to receive your offers by mail.
      I asked you twice already to take me off the newsletter.
      Please send no more promotions to me.
      There is no link to unsubscribe in your newsletter.
      I only want mails about my orders, not your adverts.
      Please stop writing to me every day.
      I don't want any more mails with offers.
      Take my address off your list, please.
      Why do I still get your newsletter after I said no?
    `),
    clauses: lines(`
      please stop the newsletter
      how do I unsubscribe
      I get too many mails from you
      take me off your mailing list
      I unsubscribed and still get mails
      the unsubscribe link is broken
      I do not want your newsletter
      please send me no more advertising
      no more spam
      your offers fill my inbox
      I never agreed to your newsletter
      please no more promotions by mail
      I unsubscribed twice and you still write to me
      no more advertising please
      who gave you my mail address
      I want no more offers by mail
      I want mails about my orders only
      your advertising fills my inbox
      please stop writing to me
      I do not want mails with offers
      take my address off your list
      I still get your newsletter
      remove me from the newsletter please
      unsubscribe me please
      your mails are too many
      stop the advertising
      how can I stop the newsletter
      I get your newsletter twice
      I never signed up for these mails
      enough of your promotions
    `),
    points: ['I have taken you off our newsletter.', 'You can leave our newsletter at any time.'],
    steps: ['It may take a day until it stops.', 'Press the link at the end of any mail.'],
  },
]

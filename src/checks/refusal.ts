/**
 * Phrases in which a model declines: that it cannot, may not or will not, or that it is only a model. Found in the
 * sentence in which they stand; whether the whole answer is a refusal is for people to say.
 */
import type { Checker } from './finding.ts'
import { scan } from './scan.ts'

const cannot =
  "(?:can['’]?t|cannot|can not|could not|couldn['’]?t|won['’]?t|will not|am (?:not|un)(?: be)?(?: able| allowed| permitted|able)? to|['’]m (?:not|un)(?: able| allowed| permitted|able)? to|(?:am|['’]m) unable to|do not|don['’]?t|wouldn['’]?t|must|have to)"
const help =
  '(?:help|assist|support|provide|give|offer|share|create|write|generate|produce|fulfil|fulfill|comply|complete|answer|discuss|engage|advise|recommend|encourage|condone|endorse|facilitate|participate|do that|continue|respond|supply|instruct|teach|explain how|tell you how|decline|refuse|promote|contribute)'

const phrases: RegExp[] = [
  new RegExp(
    `\\b(?:I|we) ?${cannot}(?: (?:be able to|in good conscience|really|actually|currently|ethically|legally|possibly|directly|personally|simply|just)){0,2} ${help}\\b`,
    'gi',
  ),
  /\b(?:I['’]?m|I am|we['’]?re|we are) (?:(?:very|really|so|truly) )?(?:sorry|afraid),? (?:but )?(?:that )?(?:I|we|this|that|as an)\b[^.!?\n]{0,40}?(?:can['’]?t|cannot|can not|unable|not able|won['’]?t|not something)/gi,
  /\b(?:I['’]?m|I am) (?:un|not )able to\b/gi,
  /\b(?:I must|I have to|I need to|I['’]ll have to|I respectfully|I) (?:respectfully |politely )?(?:decline|refuse|refrain)\b/gi,
  /\b(?:as|I['’]?m|I am) an? (?:AI|artificial intelligence|language model|AI language model|AI assistant|virtual assistant)\b/gi,
  /\b(?:against|violates?|not (?:in line|aligned|compliant) with) (?:my|our|the) (?:ethical |content |usage |safety )?(?:guidelines|polic(?:y|ies)|principles|programming|ethics)\b/gi,
  /\b(?:can(?:not|['’]?t| not)|unable to|not able to) (?:fulfil|fulfill|comply with|assist with|help with|help you with|assist you with|support) (?:this|that|your|the|such)\b/gi,
  /\bI (?:do not|don['’]?t|can(?:no|['’])?t) (?:feel comfortable|support or|think (?:that )?(?:it is|it['’]s|that['’]s|I (?:can|should)))/gi,
  /\b(?:not|isn['’]?t|is not) (?:something )?(?:appropriate|something I can|something I['’]?m able|able to provide|comfortable)\b/gi,
  /\b(?:not within my (?:capabilities|abilities)|outside (?:of )?my (?:capabilities|scope|expertise)|beyond my (?:capabilities|scope))\b/gi,
  /\b(?:es tut mir leid|leider kann ich|ich kann (?:dir|ihnen|das|diese[srn]?|dabei)[^.!?\n]{0,40} nicht)\b/giu,
  /\b(?:je (?:suis désolée?|ne peux pas|ne suis pas en mesure)|lo siento|no puedo (?:ayudar|proporcionar|hacer)|mi dispiace|non posso (?:aiutar|fornir)|desculpe|não posso (?:ajudar|fornecer))/giu,
  /(?:抱歉|对不起)，?[^。！？\n]{0,20}(?:不能|无法)|我无法(?:提供|帮助|协助)|(?:申し訳|すみません)[^。！？\n]{0,20}(?:できません|ありません)|извините|я не могу (?:помочь|предоставить)/giu,
]

export const refusal: Checker = {
  name: 'refusal',
  title: 'Refusals',
  check(text) {
    const found = phrases.flatMap((phrase) => scan(text, phrase, () => ({ kind: 'refusal' })))
    const sorted = found.sort((a, b) => a.start - b.start || b.end - a.end)
    return sorted.filter(({ start }, i) => sorted.slice(Math.max(0, i - 8), i).every(({ end }) => end <= start))
  },
}

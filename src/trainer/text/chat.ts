/** Chat templates, the Jinja programs of tokenizer_config.json. */
import { Template } from '@huggingface/jinja'
import { TrainerError } from '../errors.ts'

export interface Message {
  role: string
  content: string
}

/** Renders a conversation; `open` also writes the start of the assistant's next turn. */
export type ChatTemplate = (messages: readonly Message[], open: boolean) => string

const textOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'content' in value ? String(value.content) : String(value ?? '')

/** One template, or the one named `default` of several. */
function sourceOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return undefined
  const named = value.find((entry) => entry?.name === 'default') ?? value[0]
  return typeof named?.template === 'string' ? named.template : undefined
}

export function chatTemplateOf(config: Record<string, unknown>, where: string): ChatTemplate | undefined {
  const source = sourceOf(config.chat_template)
  if (source === undefined) return undefined
  const at = `${where}, chat_template`
  let template: Template
  try {
    template = new Template(source)
  } catch (error) {
    throw new TrainerError('bad_input', 'The chat template cannot be read.', {
      where: at,
      hint: (error as Error).message,
    })
  }
  return (messages, open) => {
    try {
      return template.render({
        messages,
        add_generation_prompt: open,
        bos_token: textOf(config.bos_token),
        eos_token: textOf(config.eos_token),
      })
    } catch (error) {
      throw new TrainerError('bad_input', 'The chat template refuses this conversation.', {
        where: at,
        hint: (error as Error).message,
      })
    }
  }
}

/** For models without a template: each turn on its own lines, after its role. */
export const plainTemplate: ChatTemplate = (messages, open) =>
  messages.map(({ role, content }) => `${role}: ${content}\n\n`).join('') + (open ? 'assistant: ' : '')

/** What the model answers at a step, beside what it answered before its first. */
import { Group, Stack, Text, Title } from '@mantine/core'
import { count, decimal } from '../../web/numbers.ts'
import classes from './runs.module.css'
import type { SamplesEvent } from './use-runs.ts'

/** The last that was shown at or before a step; without a step the last of all. */
const shownAt = (samples: readonly SamplesEvent[], step: number | undefined): SamplesEvent | undefined =>
  step === undefined ? samples.at(-1) : (samples.findLast((one) => one.step <= step) ?? samples[0])

/** What is empty says so, and a column of empty lines is one sign: models that know nothing yet write them. */
const readable = (text: string) => text.trim().replace(/\n(?:[^\S\n]*\n){2,}/g, '\n⋮\n') || '(nothing but space)'

const Answer = ({ when, text, reward }: { when: string; text: string; reward?: number }) => (
  <div className={classes.answer}>
    <Text size="xs" c="dimmed">
      {when}
      {reward !== undefined && `, reward ${decimal(reward)}`}
    </Text>
    <div className={classes.text} dir="auto">
      {readable(text)}
    </div>
  </div>
)

export function Samples({ samples, step }: { samples: readonly SamplesEvent[]; step: number | undefined }) {
  const now = shownAt(samples, step)
  if (!now) return null
  const first = samples[0]!.step === 0 && now.step > 0 ? samples[0]! : undefined
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section aria-labelledby="samples" className={classes.samples} tabIndex={0}>
      <Group justify="space-between" mb="xs">
        <Title order={2} id="samples">
          What it answers
        </Title>
        <Text size="sm" c="dimmed" role="status">
          {now.step === 0 ? 'before training' : `at step ${count(now.step)}`}
        </Text>
      </Group>
      <Stack gap="md">
        {now.samples.map(({ prompt, text, reward }, i) => {
          const before = first?.samples.find((one) => one.prompt === prompt)
          return (
            // Samples of what is trained on may have one prompt several times.
            // biome-ignore lint/suspicious/noArrayIndexKey: they never change their order
            <div key={i}>
              <Text size="sm" fw={600} dir="auto">
                {prompt}
              </Text>
              {before && <Answer when="before" text={before.text} reward={before.reward} />}
              <Answer when={now.step === 0 ? 'before' : `at step ${count(now.step)}`} text={text} reward={reward} />
            </div>
          )
        })}
      </Stack>
    </section>
  )
}

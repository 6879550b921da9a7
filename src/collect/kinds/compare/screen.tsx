/** How a comparison is made and read: one seven-step scale from the left response to the right, and what stands behind it. */
import { Chip, Group, Stack, Text, Textarea, Tooltip } from '@mantine/core'
import { useKeys } from '../../../web/keys.tsx'
import type { JudgementProps } from '../screen.ts'
import type { ComparePayload, CompareSettings } from './rules.ts'
import classes from './screen.module.css'

const steps = [-3, -2, -1, 0, 1, 2, 3] as const
const words = ['much better', 'better', 'slightly better', 'tie', 'slightly better', 'better', 'much better']

const letter = (side: number) => (side < 0 ? 'A' : 'B')
const labelOf = (side: number) => (side === 0 ? 'Tie' : `${letter(side)} is ${words[side + 3]}`)

/** The draft may lack a verdict while aspects are already chosen. */
type Draft = Partial<{ strength: number; bothBad: true } & Omit<ComparePayload, 'strength' | 'bothBad'>>

export function Editor({ settings, order, payload, onChange, onSubmit, active }: JudgementProps) {
  const { aspects, reasons, askConfidence } = settings as CompareSettings
  const draft = (payload ?? {}) as Draft
  // A is what stands left. Stored strength speaks of stored order, so it turns round where the second stands left.
  const turned = order[0] === 1 ? -1 : 1
  const side = draft.strength === undefined ? undefined : draft.strength * turned
  const set = (change: Draft) => onChange({ ...draft, ...change })
  const judge = (value: number) => {
    const { bothBad: _, ...rest } = draft
    onChange({ ...rest, strength: value * turned })
  }
  const bothBad = () => {
    const { strength: _, ...rest } = draft
    onChange({ ...rest, bothBad: true })
  }
  const toggleReason = (reason: string) => {
    const chosen = draft.reasons ?? []
    set({ reasons: chosen.includes(reason) ? chosen.filter((one) => one !== reason) : [...chosen, reason] })
  }

  useKeys(
    active
      ? [
          ...steps.map((value, i) => ({ key: String(i + 1), label: labelOf(value), run: () => judge(value) })),
          { key: '0', label: 'Both are bad', run: bothBad },
        ]
      : [],
    'Compare',
  )

  return (
    <Stack gap="xs">
      <div role="radiogroup" aria-label="Which response is better" className={classes.scale}>
        {steps.map((value, i) => (
          <Tooltip key={value} label={`${labelOf(value)} (${i + 1})`} openDelay={400}>
            <button
              type="button"
              role="radio"
              aria-checked={side === value}
              aria-label={labelOf(value)}
              data-side={Math.sign(value)}
              data-reach={Math.abs(value)}
              className={classes.step}
              onClick={() => judge(value)}
            >
              <kbd>{i + 1}</kbd>
              <span className={classes.word}>{value === 0 ? 'tie' : `${letter(value)} ${words[i]}`}</span>
            </button>
          </Tooltip>
        ))}
        <button
          type="button"
          role="radio"
          aria-checked={draft.bothBad === true}
          className={classes.bad}
          onClick={bothBad}
        >
          <kbd>0</kbd>
          <span>both bad</span>
        </button>
      </div>
      <div className={classes.more}>
        {aspects.map((aspect) => (
          <Aspect
            key={aspect}
            name={aspect}
            value={draft.aspects?.[aspect] === undefined ? undefined : draft.aspects[aspect] * turned}
            onChange={(value) => set({ aspects: { ...draft.aspects, [aspect]: value * turned } })}
          />
        ))}
        {askConfidence && (
          <Group gap="xs" role="radiogroup" aria-label="How sure are you">
            <Text size="sm">sure</Text>
            {[1, 2, 3, 4, 5].map((value) => (
              <button
                key={value}
                type="button"
                role="radio"
                aria-checked={draft.confidence === value}
                className={classes.small}
                onClick={() => set({ confidence: value })}
              >
                {value}
              </button>
            ))}
          </Group>
        )}
      </div>
      {reasons.length > 0 && (
        <Group gap={6} role="group" aria-label="Reasons">
          {reasons.map((reason) => (
            <Chip
              key={reason}
              size="xs"
              checked={draft.reasons?.includes(reason) ?? false}
              onChange={() => toggleReason(reason)}
            >
              {reason}
            </Chip>
          ))}
        </Group>
      )}
      <Textarea
        size="sm"
        autosize
        minRows={1}
        maxRows={4}
        aria-label="Comment"
        placeholder="Comment (optional)"
        value={draft.comment ?? ''}
        onChange={(event) => set({ comment: event.currentTarget.value || undefined })}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) onSubmit()
        }}
      />
    </Stack>
  )
}

/** One aspect on five steps: it need not be judged. */
function Aspect({ name, value, onChange }: { name: string; value: number | undefined; onChange(value: number): void }) {
  return (
    <div className={classes.aspect} role="radiogroup" aria-label={name}>
      <Text size="sm" component="span">
        {name}
      </Text>
      {([-2, -1, 0, 1, 2] as const).map((step) => (
        <button
          key={step}
          type="button"
          role="radio"
          aria-checked={value === step}
          aria-label={labelOf(step)}
          title={labelOf(step)}
          className={classes.small}
          onClick={() => onChange(step)}
        >
          {step === 0 ? '=' : step < 0 ? (step === -2 ? 'A+' : 'A') : step === 2 ? 'B+' : 'B'}
        </button>
      ))}
    </div>
  )
}

/** A judgement as a reviewer reads it; first and second are the targets in stored order. */
export function Reading({ payload }: { payload: unknown; settings: unknown }) {
  const { strength, bothBad, aspects, reasons, comment, confidence } = payload as Draft
  const said = bothBad
    ? 'Both are bad'
    : strength === 0
      ? 'Tie'
      : `${(strength ?? 0) < 0 ? 'First' : 'Second'} is ${words[Math.abs(strength ?? 0) + 3]}`
  return (
    <Stack gap={4}>
      <Text fw={600}>{said}</Text>
      {aspects && (
        <Text size="sm">
          {Object.entries(aspects)
            .map(([aspect, value]) => `${aspect}: ${value === 0 ? 'tie' : value < 0 ? 'first' : 'second'}`)
            .join(' · ')}
        </Text>
      )}
      {reasons && reasons.length > 0 && <Text size="sm">{reasons.join(' · ')}</Text>}
      {comment && (
        <Text size="sm" style={{ whiteSpace: 'pre-wrap' }}>
          {comment}
        </Text>
      )}
      {confidence !== undefined && <Text size="sm">sure: {confidence} of 5</Text>}
    </Stack>
  )
}

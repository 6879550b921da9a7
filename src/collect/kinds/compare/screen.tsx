/** How a comparison is made and read: one seven-step scale from the left response to the right, and what stands behind it. */
import { Chip, Text, Textarea, Tooltip } from '@mantine/core'
import { useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { useKeys } from '../../../web/keys.tsx'
import type { ReadingProps } from '../reading.tsx'
import type { JudgementProps } from '../screen.ts'
import { Choice, type Option } from './choice.tsx'
import type { CompareSettings, CompareDraft as Draft } from './rules.ts'
import classes from './screen.module.css'

const sides = [-3, -2, -1, 0, 1, 2, 3] as const
const words = ['much better', 'better', 'slightly better', 'tie', 'slightly better', 'better', 'much better']
const bothBad = 'both bad'

/** Where there is no room for words: A++ is much better, as with the aspects. */
const signs = ['++', '+', '', '=', '', '+', '++']

const letter = (side: number) => (side < 0 ? 'A' : 'B')
const labelOf = (side: number) => (side === 0 ? 'Tie' : `${letter(side)} is ${words[side + 3]}`)

const scale: Option<number | typeof bothBad>[] = [
  ...sides.map((side, place) => ({
    value: side,
    label: labelOf(side),
    hint: String(place + 1),
    className: classes.step!,
    face: (
      <>
        <kbd>{place + 1}</kbd>
        <span>
          {side !== 0 && <b>{letter(side)}</b>}
          <span className={classes.word}> {words[place]}</span>
          <b className={classes.sign}>{signs[place]}</b>
        </span>
      </>
    ),
  })),
  {
    value: bothBad,
    label: 'Both are bad',
    hint: '0',
    className: `${classes.step} ${classes.bad}`,
    face: (
      <>
        <kbd>0</kbd>
        <span>both bad</span>
      </>
    ),
  },
]

const aspectFaces = { [-2]: 'A+', [-1]: 'A', 0: '=', 1: 'B', 2: 'B+' }
const aspectScale: Option<number>[] = ([-2, -1, 0, 1, 2] as const).map((side) => ({
  value: side,
  label: labelOf(side),
  face: aspectFaces[side],
}))
const sureness: Option<number>[] = [1, 2, 3, 4, 5].map((value) => ({
  value,
  label: `${value} of 5`,
  face: value,
}))

export function Editor({ settings, order, payload, onChange, active }: JudgementProps) {
  const { aspects, descriptions, reasons, askConfidence } = settings as CompareSettings
  const draft = (payload ?? {}) as Draft
  // A is what stands left. Stored strength speaks of stored order, so it turns round where the second stands left.
  const turned = order[0] === 1 ? -1 : 1
  const toSide = (strength: number | undefined) => (strength === undefined ? undefined : strength * turned || 0)
  const parts = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState(false)

  const set = (change: Draft) => onChange({ ...draft, ...change })
  const judge = (verdict: number | typeof bothBad | undefined) => {
    const { strength: _, bothBad: __, ...rest } = draft
    if (verdict === undefined) onChange(rest)
    else onChange(verdict === bothBad ? { ...rest, bothBad: true } : { ...rest, strength: toSide(verdict)! })
  }
  const setAspect = (aspect: string, side: number | undefined) => {
    const { [aspect]: _, ...others } = draft.aspects ?? {}
    set({ aspects: side === undefined ? others : { ...others, [aspect]: toSide(side)! } })
  }
  const toggleReason = (reason: string) => {
    const chosen = draft.reasons ?? []
    set({ reasons: chosen.includes(reason) ? chosen.filter((one) => one !== reason) : [...chosen, reason] })
  }
  const more = [
    Object.keys(draft.aspects ?? {}).length,
    draft.reasons?.length ?? 0,
    draft.comment ? 1 : 0,
    draft.confidence ? 1 : 0,
  ].reduce((sum, n) => sum + n, 0)
  // At once: the next key may be the first letter of a comment.
  const reach = (part: 'aspects' | 'reasons' | 'comment') => {
    flushSync(() => setOpen(true))
    parts.current?.querySelector<HTMLElement>(`[data-part=${part}] :is(input, textarea)`)?.focus()
  }

  useKeys(
    active
      ? [
          ...sides.map((side, place) => ({ key: String(place + 1), label: labelOf(side), run: () => judge(side) })),
          { key: '0', label: 'Both are bad', run: () => judge(bothBad) },
          ...(aspects.length || askConfidence
            ? [{ key: 'a', label: 'To the aspects', run: () => reach('aspects') }]
            : []),
          ...(reasons.length ? [{ key: 'w', label: 'To the reasons', run: () => reach('reasons') }] : []),
          { key: 'c', label: 'To the comment', run: () => reach('comment') },
        ]
      : [],
    'Compare',
  )

  return (
    <div className={classes.editor}>
      <Choice
        label="Which response is better"
        className={classes.scale}
        options={scale}
        value={draft.bothBad ? bothBad : toSide(draft.strength)}
        onChange={judge}
      />
      <button type="button" className={classes.open} aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? 'Less' : `Aspects, reasons, comment${more ? ` (${more} given)` : ''}`}
      </button>
      <div ref={parts} className={classes.more} data-open={open || undefined}>
        {(aspects.length > 0 || askConfidence) && (
          <div className={classes.aspects} data-part="aspects">
            {aspects.map((aspect) => (
              <Tooltip
                key={aspect}
                label={descriptions?.[aspect]}
                disabled={!descriptions?.[aspect]}
                multiline
                maw="20rem"
                events={{ hover: true, focus: true, touch: true }}
              >
                <div className={classes.aspect}>
                  <Text size="sm" component="span" aria-hidden="true">
                    {aspect}
                  </Text>
                  <Choice
                    label={`Better in ${aspect}`}
                    description={descriptions?.[aspect]}
                    options={aspectScale}
                    value={toSide(draft.aspects?.[aspect])}
                    onChange={(side) => setAspect(aspect, side)}
                    clearable
                  />
                </div>
              </Tooltip>
            ))}
            {askConfidence && (
              <div className={classes.aspect}>
                <Text size="sm" component="span" aria-hidden="true">
                  sure
                </Text>
                <Choice
                  label="How sure are you"
                  options={sureness}
                  value={draft.confidence}
                  onChange={(confidence) => set({ confidence })}
                  clearable
                />
              </div>
            )}
          </div>
        )}
        <div className={classes.why}>
          {reasons.length > 0 && (
            <fieldset aria-label="Reasons" className={classes.reasons} data-part="reasons">
              {reasons.map((reason) => (
                <Chip
                  key={reason}
                  size="xs"
                  variant="outline"
                  checked={draft.reasons?.includes(reason) ?? false}
                  onChange={() => toggleReason(reason)}
                >
                  {reason}
                </Chip>
              ))}
            </fieldset>
          )}
          <div className={classes.comment} data-part="comment">
            <Textarea
              size="xs"
              autosize
              minRows={1}
              maxRows={4}
              maxLength={5000}
              aria-label="Comment"
              placeholder="Comment (C)"
              value={draft.comment ?? ''}
              onChange={(event) => set({ comment: event.currentTarget.value || undefined })}
            />
          </div>
        </div>
      </div>
    </div>
  )
}

const howMuch = (value: number) => words[Math.abs(value) + 3]

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)

/** A judgement to be read. */
export function Reading({ payload, names: [first, second] = ['first', 'second'] }: ReadingProps) {
  const side = (value: number) => (value < 0 ? first! : second!)
  const { strength, bothBad: bad, aspects, reasons, comment, confidence } = payload as Draft
  const said = bad
    ? 'Both are bad'
    : strength === undefined
      ? 'No verdict'
      : strength === 0
        ? 'Tie'
        : `${capital(side(strength))} is ${howMuch(strength)}`
  const aspectText = Object.entries(aspects ?? {}).map(
    ([aspect, value]) => `${aspect}: ${value === 0 ? 'tie' : `${side(value)} ${howMuch(value)}`}`,
  )
  return (
    <div className={classes.reading}>
      <Text fw={600}>{said}</Text>
      {aspectText.length > 0 && <Text size="sm">{aspectText.join(' · ')}</Text>}
      {reasons && reasons.length > 0 && <Text size="sm">{reasons.join(' · ')}</Text>}
      {comment && (
        <Text size="sm" className={classes.words}>
          {comment}
        </Text>
      )}
      {confidence !== undefined && <Text size="sm">Sure: {confidence} of 5</Text>}
    </div>
  )
}

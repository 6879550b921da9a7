/** One choice of a row: radios drawn as buttons. Tab reaches the row, arrows choose, Enter sends the answer. */
import { type ReactNode, useId } from 'react'
import classes from './choice.module.css'

export interface Option<T> {
  value: T
  /** What it means, in words. */
  label: string
  /** What stands on the button. */
  face: ReactNode
  /** The key that chooses it. */
  hint?: string
  className?: string
}

interface ChoiceProps<T> {
  label: string
  /** What is asked, to those who hear it. */
  description?: string
  options: readonly Option<T>[]
  value: T | undefined
  /** undefined: the choice was taken back. */
  onChange: (value: T | undefined) => void
  /** Pressing what is chosen takes it back. */
  clearable?: boolean
  className?: string
}

export function Choice<T extends string | number>(props: ChoiceProps<T>) {
  const { label, description, options, value, onChange, clearable, className = '' } = props
  const name = useId()
  return (
    <div role="radiogroup" aria-label={label} aria-description={description} className={`${classes.row} ${className}`}>
      {options.map(({ value: own, label: words, face, hint, className: look = '' }) => (
        <label
          key={own}
          title={hint ? `${words} (${hint})` : words}
          className={`${classes.option} ${look}`}
          data-chosen={own === value || undefined}
        >
          <input
            type="radio"
            name={name}
            aria-label={words}
            className={classes.radio}
            checked={own === value}
            onChange={() => onChange(own)}
            onClick={() => clearable && own === value && onChange(undefined)}
          />
          {face}
        </label>
      ))}
    </div>
  )
}

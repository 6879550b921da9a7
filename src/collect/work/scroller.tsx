/** A place that scrolls by itself and says so: nothing is clipped without a word. */
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react'
import classes from './scroller.module.css'

interface ScrollerProps {
  ref?: Ref<HTMLDivElement>
  /** Name of the region, for those who do not see it. */
  label: string
  className?: string
  /** Begins at its end: of a long conversation the last turn matters most. */
  fromEnd?: boolean
  /** Has the focus when nothing else has it. */
  home?: boolean
  hint?: string
  children: ReactNode
}

interface Hidden {
  above: boolean
  below: boolean
}

/** Less than a line is no text. */
const slack = 8

export function Scroller({
  ref,
  label,
  className,
  fromEnd = false,
  home = false,
  hint = 'more below',
  children,
}: ScrollerProps) {
  const place = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const [{ above, below }, setHidden] = useState<Hidden>({ above: false, below: false })
  useImperativeHandle(ref, () => place.current!)

  useEffect(() => {
    const element = place.current!
    const look = () => {
      const { scrollTop, scrollHeight, clientHeight } = element
      const next = { above: scrollTop > slack, below: scrollHeight - clientHeight - scrollTop > slack }
      setHidden((old) => (old.above === next.above && old.below === next.below ? old : next))
    }
    let touched = false
    const grown = () => {
      // Formulas and highlighting come late; until the person has scrolled, the end stays in view.
      if (fromEnd && !touched) element.scrollTop = element.scrollHeight
      look()
    }
    const touch = () => {
      touched = true
    }
    const observer = new ResizeObserver(grown)
    observer.observe(element)
    observer.observe(content.current!)
    element.addEventListener('scroll', look, { passive: true })
    for (const name of ['wheel', 'keydown', 'pointerdown'] as const)
      element.addEventListener(name, touch, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', look)
      for (const name of ['wheel', 'keydown', 'pointerdown'] as const) element.removeEventListener(name, touch)
    }
  }, [fromEnd])

  const by = (share: number) => place.current?.scrollBy({ top: place.current.clientHeight * share })
  const scrolls = above || below
  return (
    <div className={classes.around} data-above={above || undefined} data-below={below || undefined}>
      {/* A region that scrolls must be reachable by keyboard; one that does not would only be a stop on the way. */}
      <section
        ref={place as Ref<HTMLElement>}
        aria-label={label}
        tabIndex={scrolls ? 0 : -1}
        data-home={home || undefined}
        className={`${classes.scroller} ${className ?? ''}`}
      >
        <div ref={content}>{children}</div>
      </section>
      {above && (
        <button type="button" tabIndex={-1} className={classes.up} onClick={() => by(-0.8)}>
          ↑ more above
        </button>
      )}
      {below && (
        <button type="button" tabIndex={-1} className={classes.down} onClick={() => by(0.8)}>
          ↓ {hint}
        </button>
      )}
    </div>
  )
}

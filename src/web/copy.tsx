/** A button that copies a text: `<CopyText text={link}>Copy the link</CopyText>` */
import { Button, type ButtonProps } from '@mantine/core'
import { useEffect, useState } from 'react'
import { notify } from './notices.tsx'

/** The way from before there was a clipboard: a field is selected and copied, and goes again. */
function copySelected(text: string): boolean {
  const before = document.activeElement
  const field = document.createElement('textarea')
  field.value = text
  // No keyboard opens on a phone, and nothing scrolls there.
  field.readOnly = true
  field.style.position = 'fixed'
  document.body.append(field)
  field.focus({ preventScroll: true })
  field.select()
  const copied = document.execCommand('copy')
  field.remove()
  if (before instanceof HTMLElement) before.focus({ preventScroll: true })
  return copied
}

/** `navigator.clipboard` is there on https and localhost only, and may be forbidden. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copySelected(text)
  }
}

interface CopyTextProps extends Pick<ButtonProps, 'size'> {
  text: string
  children?: string
}

const saidMs = 1000

export function CopyText({ text, children = 'Copy', size = 'compact-sm' }: CopyTextProps) {
  const [done, setDone] = useState(false)
  useEffect(() => {
    if (!done) return
    const timer = setTimeout(() => setDone(false), saidMs)
    return () => clearTimeout(timer)
  }, [done])
  const copy = async () => {
    if (await copied(text)) setDone(true)
    else notify({ text: 'This browser lets no page copy: select the text and copy it yourself.', fault: true })
  }
  return (
    <Button size={size} variant="default" onClick={() => void copy()}>
      {done ? 'Copied' : children}
    </Button>
  )
}

/** Renders whatever text a test hands to `window.showText`, with nothing around it. */
import { useEffect, useState } from 'react'
import { Markdown } from '../markdown.tsx'

declare global {
  interface Window {
    showText?: (text: string) => void
  }
}

export function Hostile() {
  const [text, setText] = useState('')
  useEffect(() => {
    window.showText = setText
  }, [])
  return (
    <main id="main">
      <h1>Hostile text</h1>
      <Markdown text={text} />
    </main>
  )
}

/** The full window of an annotator, with stand-ins for what stands in it. */
import { Button, Group, Text } from '@mantine/core'
import { useState } from 'react'
import { useKeys } from '../keys.tsx'
import { Markdown } from '../markdown.tsx'
import { FullWindow } from '../shell.tsx'
import { markdown } from './texts.ts'

export function Window() {
  const [chosen, choose] = useState<number>()
  const [guideline, setGuideline] = useState(false)
  useKeys(
    [1, 2, 3, 4, 5, 6, 7].map((step) => ({ key: String(step), label: `Step ${step} of 7`, run: () => choose(step) })),
    'Compare',
  )
  useKeys([{ key: 'g', label: 'Guideline beside the work', run: () => setGuideline(!guideline) }], 'Work')
  return (
    <FullWindow
      title="Compare"
      top={
        <>
          <Text fw={600} size="sm">
            Helpful and harmless
          </Text>
          <Text size="sm">Guideline 3</Text>
          <Text size="sm">12 of 40 today</Text>
        </>
      }
      aside={guideline && <p>Prefer the response that helps without harm.</p>}
      onCloseAside={() => setGuideline(false)}
      bottom={
        <Group justify="center" gap="xs">
          {[1, 2, 3, 4, 5, 6, 7].map((step) => (
            <Button key={step} variant={step === chosen ? 'filled' : 'default'} onClick={() => choose(step)}>
              {step}
            </Button>
          ))}
        </Group>
      }
    >
      <Markdown text={markdown} />
    </FullWindow>
  )
}

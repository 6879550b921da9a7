/** What was chosen from a list, beside it: over the right of the window, closed by Escape; its address stays a link. */
import { Drawer } from '@mantine/core'
import type { ReactNode } from 'react'
import { Boundary } from './states.tsx'

interface SideProps {
  title: string
  opened: boolean
  onClose: () => void
  children: ReactNode
}

export const Side = ({ title, opened, onClose, children }: SideProps) => (
  <Drawer
    opened={opened}
    onClose={onClose}
    position="right"
    size="min(52rem, 100%)"
    title={title}
    overlayProps={{ backgroundOpacity: 0.25 }}
  >
    <Boundary>{children}</Boundary>
  </Drawer>
)

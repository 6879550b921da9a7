/** Places on the screens of tasks that later stations fill: collecting must not know what comes after it. */
import { type ComponentType, createContext, type ReactNode, useContext } from 'react'
import type { Outgoing } from '../work/outbox.ts'
import type { ShownTask } from './one-task.tsx'

interface TaskSlots {
  /** Above the work: what may be said of the answer that was sent last. */
  AfterSubmit?: ComponentType<{ sent: Outgoing | undefined }>
  /** Beside an annotation on the page of its task. */
  OfAnnotation?: ComponentType<{ task: ShownTask; annotation: ShownTask['annotations'][number] }>
  /** On the page of one task, one below the other. */
  ofTask?: readonly ComponentType<{ task: ShownTask }>[]
}

const Slots = createContext<TaskSlots>({})

export const useTaskSlots = (): TaskSlots => useContext(Slots)

export const TaskSlotsAre = ({ slots, children }: { slots: TaskSlots; children: ReactNode }) => (
  <Slots value={slots}>{children}</Slots>
)

/** A place on the pages of models and policies that a later station fills: a noun must not know what comes after it. */
import { type ComponentType, createContext, type ReactNode, Suspense, useContext } from 'react'

interface ModelSlots {
  /** Whether this policy was promoted, and whether by its gates. */
  Promoted?: ComponentType<{ policy: string }>
}

const Slots = createContext<ModelSlots>({})

export const ModelSlotsAre = ({ slots, children }: { slots: ModelSlots; children: ReactNode }) => (
  <Slots value={slots}>{children}</Slots>
)

export function Promoted({ policy }: { policy: string }) {
  const { Promoted: Filled } = useContext(Slots)
  return (
    Filled && (
      <Suspense fallback={null}>
        <Filled policy={policy} />
      </Suspense>
    )
  )
}

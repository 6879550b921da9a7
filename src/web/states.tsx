/** The four states of a place that is not showing its data: empty, loading, in trouble, at work. */
import { Alert, Progress as Bar, Button, Group, Skeleton, Stack, Text, Title, VisuallyHidden } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { Component, type ReactNode, useEffect, useState } from 'react'
import { duration, percent } from './numbers.ts'
import { problemOf } from './problem.ts'

interface EmptyProps {
  title: string
  children?: ReactNode
  action?: ReactNode
  /** The title takes the focus: it is read out, and a key that is still held down takes no action. */
  focus?: boolean
}

const takeFocus = (element: HTMLElement | null) => element?.focus()

/** Says what this place is for and offers the next action. */
export function Empty({ title, children, action, focus }: EmptyProps) {
  return (
    <Stack gap="xs" align="flex-start" py="xl" maw="34rem">
      <Title order={2} {...(focus && { ref: takeFocus, tabIndex: -1 })}>
        {title}
      </Title>
      {children && <Text c="dimmed">{children}</Text>}
      {action}
    </Stack>
  )
}

/** True once `ms` have passed since the component came: what is quicker than that needs no sign of waiting. */
function useAfter(ms: number): boolean {
  const [past, setPast] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setPast(true), ms)
    return () => clearTimeout(timer)
  }, [ms])
  return past
}

const lineWidths = [92, 71, 84, 63, 95, 77, 58, 88, 66, 81, 74, 90]

/** A skeleton of up to twelve lines, shown only when loading takes more than 200 ms. */
export function Loading({ what = 'Loading', lines = 4 }: { what?: string; lines?: number }) {
  const slow = useAfter(200)
  return (
    <div role="status" aria-busy="true" style={{ minHeight: `${lines * 1.75}rem` }}>
      {slow && (
        <>
          <VisuallyHidden>{what}</VisuallyHidden>
          <Stack gap="sm" aria-hidden="true">
            {lineWidths.slice(0, lines).map((width) => (
              <Skeleton key={width} height="1rem" width={`${width}%`} />
            ))}
          </Stack>
        </>
      )}
    </div>
  )
}

interface PendingProps {
  error: unknown
  onRetry?: () => unknown
  what?: string
  lines?: number
}

/**
 * In place of data that is not there yet: the wait, or why it did not come. Data that is there stays when it cannot be renewed
 * (`renewal.tsx` says so): `if (!data) return <Pending error={error} onRetry={refetch} />`
 */
export function Pending({ error, onRetry, ...wait }: PendingProps) {
  return error ? <Problem error={error} onRetry={onRetry && (() => void onRetry())} /> : <Loading {...wait} />
}

/** What went wrong, where, and what to do; takes anything that was thrown. */
export function Problem({ error, onRetry, title }: { error: unknown; onRetry?: () => void; title?: string }) {
  const { code, message, where, hint } = problemOf(error)
  return (
    <Alert
      color="red"
      variant="outline"
      role="alert"
      icon={<IconAlertTriangle aria-hidden="true" />}
      title={title ?? message}
      styles={{ title: { color: 'var(--bad)' } }}
    >
      <Stack gap="xs" align="flex-start">
        {title && <Text>{message}</Text>}
        {where && (
          <Text>
            Where: <span className="mono">{where}</span>
          </Text>
        )}
        {hint && <Text>{hint}</Text>}
        <Group gap="md">
          {onRetry && (
            <Button size="xs" variant="default" onClick={onRetry}>
              Try again
            </Button>
          )}
          <Text size="xs" c="dimmed" className="mono">
            {code}
          </Text>
        </Group>
      </Stack>
    </Alert>
  )
}

export interface ProgressProps {
  label: string
  /** Both in the same unit, for example rows; without a total the bar only shows that work goes on. */
  done?: number
  total?: number
  /** Milliseconds that are left, as far as anyone can tell. */
  leftMs?: number
  detail?: ReactNode
  onCancel?: () => void
  cancelling?: boolean
}

/** Work under way: how far, how long still, and a way to stop it. */
export function Progress({ label, done, total, leftMs, detail, onCancel, cancelling }: ProgressProps) {
  const share = done != null && total ? Math.min(1, Math.max(0, done / total)) : undefined
  return (
    <Stack gap={4}>
      <Group justify="space-between" gap="sm" wrap="nowrap">
        <Text size="sm" fw={500} truncate>
          {label}
        </Text>
        <Group gap="sm" wrap="nowrap">
          <Text size="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
            {share != null && percent(share)}
            {leftMs != null && leftMs >= 1000 && `, ${duration(leftMs)} left`}
          </Text>
          {onCancel && (
            <Button size="compact-xs" variant="default" onClick={onCancel} disabled={cancelling}>
              {cancelling ? 'Stopping' : 'Cancel'}
            </Button>
          )}
        </Group>
      </Group>
      <Bar.Root size="sm" transitionDuration={120}>
        <Bar.Section
          value={share == null ? 100 : share * 100}
          animated={share == null}
          striped={share == null}
          aria-label={label}
          aria-valuenow={share == null ? undefined : Math.round(share * 100)}
        />
      </Bar.Root>
      {detail && (
        <Text size="xs" c="dimmed">
          {detail}
        </Text>
      )}
    </Stack>
  )
}

interface BoundaryState {
  error?: unknown
}

/** Keeps a fault of one part of a page to that part. */
export class Boundary extends Component<{ children: ReactNode; fallback?: ReactNode }, BoundaryState> {
  override state: BoundaryState = {}

  static getDerivedStateFromError(error: unknown): BoundaryState {
    return { error }
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children
    return (
      this.props.fallback ?? <Problem error={this.state.error} onRetry={() => this.setState({ error: undefined })} />
    )
  }
}

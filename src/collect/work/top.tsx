/** The line over the work: project, guideline version, what was done today, guideline and break. */
import { Button, Text } from '@mantine/core'
import { IconBook2, IconCoffee } from '@tabler/icons-react'
import { KeyHint } from '../../web/keys.tsx'
import { Go } from '../../web/link.tsx'
import { Mark } from '../../web/mark.tsx'
import { count, duration } from '../../web/numbers.ts'
import classes from './screen.module.css'
import { useProgress } from './use-work.ts'

interface WorkTopProps {
  project: { id: string; name: string }
  /** null: none is published; undefined: no task is at hand. */
  guidelineVersion: number | null | undefined
  guidelineOpen: boolean
  /** Answers that the server has not counted yet. */
  uncounted: number
  onGuideline?: () => void
  onBreak?: () => void
}

export function WorkTop({ project, guidelineVersion, guidelineOpen, uncounted, onGuideline, onBreak }: WorkTopProps) {
  const { data: progress } = useProgress(project.id)
  return (
    <div className={classes.top}>
      <Go to="/" className={classes.home} aria-label="Plumbline: leave the work">
        <Mark />
      </Go>
      <Text fw={600} size="sm" truncate>
        {project.name}
      </Text>
      {guidelineVersion !== undefined && (
        <Text size="sm" c="dimmed" className={classes.wide}>
          {guidelineVersion ? `Guideline ${guidelineVersion}` : 'No guideline yet'}
        </Text>
      )}
      <Text size="sm" className={classes.today} aria-label="Progress of today">
        {progress && (
          <Go to={`/projects/${project.id}/my-work`} title="My work">
            {count(Math.max(0, progress.today + uncounted))} today
            {progress.activeMsToday >= 60_000 && (
              <span className={classes.wide}>
                , {duration(Math.floor(progress.activeMsToday / 60_000) * 60_000)} of work
              </span>
            )}
          </Go>
        )}
      </Text>
      {onGuideline && (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconBook2 size={16} aria-hidden />}
          rightSection={<KeyHint k="g" />}
          classNames={{ section: classes.section }}
          aria-expanded={guidelineOpen}
          onClick={onGuideline}
        >
          <span className={classes.said}>Guideline</span>
        </Button>
      )}
      {onBreak && (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconCoffee size={16} aria-hidden />}
          rightSection={<KeyHint k="b" />}
          classNames={{ section: classes.section }}
          onClick={onBreak}
        >
          <span className={classes.said}>Break</span>
        </Button>
      )}
    </div>
  )
}

/** The picture of a round: its stations on a ring, each with its count, its state, and what it waits for. */
import { Progress, Text, VisuallyHidden } from '@mantine/core'
import { useProject } from '../web/current.tsx'
import { Go } from '../web/link.tsx'
import type { Round, Station } from './contract.ts'
import classes from './loop.module.css'
import { type StationName, titles } from './rules.ts'
import { sayOf } from './say.ts'

/** The page on which a station's work is seen. */
function pageOf(round: Round, { station, subject, facts }: Station): string {
  const { tag } = round.plan.prompts
  const pages: Readonly<Record<StationName, string>> = {
    prompts: `prompts${tag ? `?tag=${encodeURIComponent(tag)}` : ''}`,
    samples: `samples${subject ? `?job=${subject}` : ''}`,
    judgements: `tasks?round=${round.id}`,
    quality: 'quality',
    dataset: `datasets${facts.name ? `?dataset=${facts.name}` : ''}`,
    reward: subject ? `runs?run=${subject}` : 'reward',
    policy: `runs${subject ? `?run=${subject}` : ''}`,
    evaluation: `compare-two${subject ? `?of=${subject}` : ''}`,
    promotion: 'gates',
  }
  return pages[station]
}

const signs = {
  ahead: { sign: '', word: 'ahead' },
  working: { sign: '●', word: 'at work' },
  blocked: { sign: '!', word: 'waits for you' },
  done: { sign: '✓', word: 'done' },
  failed: { sign: '✕', word: 'failed' },
  ended: { sign: '■', word: 'ended here' },
} as const

function Card({ of: station, round }: { of: Station; round: Round }) {
  const { id: project } = useProject()
  const { headline, details } = sayOf(station)
  const { facts } = station
  // A round that somebody ended waits for nobody any more.
  const state = round.state === 'closed' && station.station === round.at ? 'ended' : station.state
  const hasBar = state === 'working' && facts.total !== undefined && facts.total > 0
  return (
    <Go className={classes.card} data-state={state} to={`/projects/${project}/${pageOf(round, station)}`}>
      <span className={classes.name}>
        {titles[station.station]}
        <span className={classes.state} title={signs[state].word}>
          <span aria-hidden="true">{signs[state].sign}</span>
          <VisuallyHidden>{signs[state].word}</VisuallyHidden>
        </span>
      </span>
      <span className={classes.headline}>{headline}</span>
      {details.map((detail) => (
        <Text key={detail} span className={classes.detail} c="dimmed">
          {detail}
        </Text>
      ))}
      {hasBar && (
        <Progress
          className={classes.bar}
          value={(100 * (facts.done ?? 0)) / facts.total!}
          size="xs"
          aria-label={`${titles[station.station]}: ${headline}`}
        />
      )}
    </Go>
  )
}

export function Picture({ round }: { round: Round }) {
  const { id: project } = useProject()
  const { promoted, plan, number } = round
  const next = promoted
    ? plan.repeat > 0
      ? `Round ${number + 1} has begun with ${promoted.name}.`
      : `The plan ends here; another round may begin with ${promoted.name}.`
    : round.state === 'closed'
      ? `Round ${number + 1} may begin with ${round.policy.name} again.`
      : plan.repeat > 0
        ? 'Begins by itself with the policy that is promoted.'
        : 'The plan ends here.'
  return (
    <ol className={classes.ring} aria-label={`Round ${number}`}>
      {round.stations.map((station) => (
        <li key={station.station} className={classes.place}>
          <Card of={station} round={round} />
        </li>
      ))}
      <li className={classes.place}>
        <Go className={classes.card} data-state={promoted ? 'done' : 'ahead'} to={`/projects/${project}/leaderboard`}>
          <span className={classes.name}>Next round</span>
          <Text span className={classes.detail} c="dimmed">
            {next}
          </Text>
        </Go>
      </li>
    </ol>
  )
}

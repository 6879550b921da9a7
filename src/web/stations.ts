/** The left rail of a project: the stations in the order of the loop, and what each of them holds. */
import {
  IconActivity,
  IconChartDots,
  IconHistory,
  IconMessages,
  IconRefresh,
  IconSchool,
  IconSettings,
  IconShieldCheck,
  IconUsers,
} from '@tabler/icons-react'
import type { ComponentType } from 'react'
import type { Action } from '../platform/contract.ts'

export interface Station {
  label: string
  to: string
  icon: ComponentType<{ size?: number; 'aria-hidden'?: boolean }>
  pages?: readonly { label: string; to: string }[]
  /** Drawn with a gap above: what stands beside the loop. */
  apart?: boolean
}

/** Addresses under `/projects/ID`; a page's address ends with its name in lower case and hyphens. */
export function stationsOf(projectId: string): Station[] {
  const base = `/projects/${projectId}`
  const page = (label: string) => ({ label, to: `${base}/${label.toLowerCase().replaceAll(' ', '-')}` })
  const station = (label: string, icon: Station['icon'], ...labels: string[]): Station => {
    const pages = labels.map(page)
    return { label, icon, to: pages[0]?.to ?? page(label).to, pages }
  }
  return [
    station('Loop', IconRefresh),
    station('Collect', IconMessages, 'Prompts', 'Policies', 'Samples', 'Tasks', 'Guideline', 'Comparison'),
    station('Assure', IconShieldCheck, 'Quality', 'Review', 'Annotators', 'Exports'),
    station('Learn', IconSchool, 'Reward', 'Datasets', 'Runs', 'Models'),
    station('Evaluate', IconChartDots, 'Leaderboard', 'Compare two', 'Hybrid', 'Gates'),
    { ...station('People', IconUsers), apart: true },
    station('Settings', IconSettings),
    station('Audit', IconHistory),
    station('Activity', IconActivity),
  ]
}

/** What one's role must allow for a page to be of use; any other page is for whoever reads the project. */
const needs: Readonly<Record<string, Action>> = {
  prompts: 'prompt.read',
  policies: 'policy.read',
  samples: 'prompt.read',
  tasks: 'task.read',
  guideline: 'guideline.read',
  quality: 'quality.read',
  annotators: 'quality.read',
  reward: 'model.read',
  runs: 'model.read',
  datasets: 'model.read',
  models: 'model.read',
  review: 'annotation.read',
  exports: 'export',
  leaderboard: 'quality.read',
  'compare-two': 'quality.read',
  hybrid: 'quality.read',
  gates: 'quality.read',
  people: 'member.read',
  audit: 'audit.read',
}

/** The stations whose pages exist and are of use to this person; a station leads to the first of its pages. */
export function stationsFor(projectId: string, exist: readonly string[], can: (action: Action) => boolean): Station[] {
  const isShown = ({ to }: { to: string }) => {
    const name = to.split('/').at(-1)!
    return exist.includes(name) && can(needs[name] ?? 'project.read')
  }
  return stationsOf(projectId).flatMap((station) => {
    if (!station.pages?.length) return isShown(station) ? [station] : []
    const left = station.pages.filter(isShown)
    return left.length ? [{ ...station, to: left[0]!.to, pages: left }] : []
  })
}

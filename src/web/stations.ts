/** The left rail of a project: the stations in the order of the loop, and what each of them holds. */
import {
  IconActivity,
  IconChartDots,
  IconMessages,
  IconRefresh,
  IconSchool,
  IconSettings,
  IconShieldCheck,
  IconUsers,
} from '@tabler/icons-react'
import type { ComponentType } from 'react'

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
    station('Collect', IconMessages, 'Prompts', 'Policies', 'Samples', 'Tasks', 'Guideline'),
    station('Assure', IconShieldCheck, 'Quality', 'Review', 'Annotators', 'Exports'),
    station('Learn', IconSchool, 'Reward', 'Datasets', 'Runs', 'Models'),
    station('Evaluate', IconChartDots, 'Leaderboard', 'Compare two', 'Hybrid', 'Gates'),
    { ...station('People', IconUsers), apart: true },
    station('Settings', IconSettings),
    station('Activity', IconActivity),
  ]
}

/**
 * The state of a run on disk, from which it goes on to the last bit: `state/step-N/` with the trained weights and both
 * moments, and `state/latest.json`, which names the last complete one. A folder is written whole and synced before the
 * manifest is renamed into place, so that a kill at any moment leaves either the old or the new state.
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { TrainerError } from '../errors.ts'
import type { Weights } from '../model/config.ts'
import type { SessionState } from '../model/session.ts'
import { type Fields, isFields, numberOf, readFields, textOf } from './json.ts'
import { readSafetensors, writeSafetensors } from './safetensors.ts'
import { writeJson } from './writing.ts'

export interface RunState {
  /** Optimiser steps done. */
  step: number
  /** What must be the same when the run is resumed, by field. */
  identity: Fields
  /** What the algorithm remembers: an adapted beta, figures from before the first step. */
  memory: Record<string, number>
  session: SessionState
  /** A value network's state (PPO). */
  values?: SessionState
}

const folderOf = (out: string) => join(out, 'state')
const manifestOf = (out: string) => join(folderOf(out), 'latest.json')
const groups = ['weights', 'firstMoment', 'secondMoment'] as const

export const hasState = (out: string): boolean => existsSync(manifestOf(out))

function flatten(prefix: string, state: SessionState, into: Weights): void {
  for (const group of groups) for (const [name, weight] of state[group]) into.set(`${prefix}${group}/${name}`, weight)
}

function unflatten(prefix: string, tensors: Weights, counts: { updates: number; passes: number }): SessionState {
  const state: SessionState = { weights: new Map(), firstMoment: new Map(), secondMoment: new Map(), ...counts }
  for (const group of groups) {
    const start = `${prefix}${group}/`
    for (const [name, weight] of tensors) if (name.startsWith(start)) state[group].set(name.slice(start.length), weight)
  }
  return state
}

/** Returns the folder it wrote; the states before it are removed. */
export function saveState(out: string, { step, identity, memory, session, values }: RunState): string {
  const name = `step-${String(step).padStart(6, '0')}`
  const folder = join(folderOf(out), name)
  mkdirSync(folder, { recursive: true })
  const tensors: Weights = new Map()
  flatten('', session, tensors)
  if (values) flatten('values/', values, tensors)
  writeSafetensors(join(folder, 'state.safetensors'), tensors)
  const counts = ({ updates, passes }: SessionState) => ({ updates, passes })
  writeJson(join(folder, 'state.json'), {
    step,
    identity,
    memory,
    session: counts(session),
    ...(values ? { values: counts(values) } : {}),
  })
  writeJson(manifestOf(out), { folder: name, step })
  for (const other of readdirSync(folderOf(out)))
    if (other.startsWith('step-') && other !== name)
      rmSync(join(folderOf(out), other), { recursive: true, force: true })
  return folder
}

/** The last complete state. Throws TrainerError where the manifest names something that is not there whole. */
export function loadState(out: string): RunState {
  const manifest = readFields(manifestOf(out))
  const name = textOf(manifest, 'folder') ?? ''
  if (!/^step-\d+$/.test(name))
    throw new TrainerError('bad_input', 'The manifest names no state.', { where: `${manifestOf(out)}, folder` })
  const path = join(folderOf(out), name, 'state.json')
  const fields = readFields(path)
  const { tensors } = readSafetensors(join(folderOf(out), name, 'state.safetensors'))
  const countsOf = (value: unknown, field: string) => {
    if (!isFields(value)) throw new TrainerError('bad_input', `${field} is missing.`, { where: path })
    return { updates: numberOf(value, 'updates', path), passes: numberOf(value, 'passes', path) }
  }
  const memory: Record<string, number> = {}
  if (isFields(fields.memory))
    for (const [key, value] of Object.entries(fields.memory)) if (typeof value === 'number') memory[key] = value
  return {
    step: numberOf(fields, 'step', path),
    identity: isFields(fields.identity) ? fields.identity : {},
    memory,
    session: unflatten('', tensors, countsOf(fields.session, 'session')),
    ...(fields.values ? { values: unflatten('values/', tensors, countsOf(fields.values, 'values')) } : {}),
  }
}

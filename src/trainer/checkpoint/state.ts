/**
 * The state of a run on disk, from which it goes on to the last bit: `state/step-N/` with the trained weights and both
 * moments, and `state/latest.json`, which names the last complete one, and the one before it where that is kept. A folder
 * is written whole and synced before the manifest is renamed into place, so that a kill at any moment leaves either the
 * old or the new state.
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
const nameOf = (step: number) => `step-${String(step).padStart(6, '0')}`
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

/** Steps of the complete states, newest first. Throws TrainerError where the manifest names none. */
export function savedSteps(out: string): number[] {
  const manifest = readFields(manifestOf(out))
  const [, step] = /^step-(\d+)$/.exec(textOf(manifest, 'folder') ?? '') ?? []
  if (!step)
    throw new TrainerError('bad_input', 'The manifest names no state.', { where: `${manifestOf(out)}, folder` })
  return [Number(step), ...(typeof manifest.earlier === 'number' ? [manifest.earlier] : [])]
}

/** Returns the folder it wrote; the states before it are removed, but for the last one where `keepsEarlier`. */
export function saveState(
  out: string,
  { step, identity, memory, session, values }: RunState,
  { keepsEarlier = false } = {},
): string {
  const folder = join(folderOf(out), nameOf(step))
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
  const earlier = keepsEarlier && hasState(out) ? savedSteps(out).find((saved) => saved < step) : undefined
  const kept = [step, ...(earlier === undefined ? [] : [earlier])].map(nameOf)
  writeJson(manifestOf(out), { folder: nameOf(step), step, earlier })
  for (const other of readdirSync(folderOf(out)))
    if (other.startsWith('step-') && !kept.includes(other))
      rmSync(join(folderOf(out), other), { recursive: true, force: true })
  return folder
}

/** The state of a saved step, by default the last. Throws TrainerError where the manifest names what is not there whole. */
export function loadState(out: string, step = savedSteps(out)[0]): RunState {
  const folder = join(folderOf(out), nameOf(step))
  const path = join(folder, 'state.json')
  const fields = readFields(path)
  const { tensors } = readSafetensors(join(folder, 'state.safetensors'))
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

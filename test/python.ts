/** The Python that trains elsewhere: TRL and what it needs, in a virtual environment that the first run makes. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const venv = process.env.PLUMBLINE_TRAINER_VENV ?? join(tmpdir(), 'plumbline-trainer-venv')
const trainerPython = join(venv, 'bin', 'python')
const pins = [
  'trl==1.13.0',
  'transformers==5.18.0',
  'datasets==5.0.1',
  'accelerate==1.15.0',
  'peft==0.21.0',
  'tokenizers==0.23.2',
  'gguf',
]

/** Makes the environment where it is not there (a few minutes, about 2 GB); why it cannot be, or undefined. */
export function missingTrainerPython(): string | undefined {
  const isReady = () =>
    existsSync(trainerPython) && spawnSync(trainerPython, ['-c', 'import trl, peft, gguf']).status === 0
  if (isReady()) return undefined
  if (spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))']).status !== 0)
    return 'there is no Python 3.10 or newer'
  const run = (command: string, ...args: string[]) =>
    spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
  const pip = join(venv, 'bin', 'pip')
  // PyTorch first: what comes after takes the build that is there.
  const made =
    run('python3', '-m', 'venv', venv) &&
    run(pip, 'install', '-q', 'torch==2.13.0') &&
    run(pip, 'install', '-q', ...pins)
  return made && isReady() ? undefined : 'its packages could not be installed'
}

/** Runs a script; what it printed last, as JSON. Throws with the end of what it complained of. */
export function askPython(script: string, ...args: string[]): unknown {
  const env = { ...process.env, HF_HUB_OFFLINE: '1', TOKENIZERS_PARALLELISM: 'false' }
  const { stdout, stderr, status } = spawnSync(trainerPython, [script, ...args], {
    encoding: 'utf8',
    env,
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw new Error(stderr.slice(-2000))
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}

/** `./plumbline generate`, `score` and `model`: models on this machine, without a server; a database only with `--data`. */
import type { Command } from 'commander'
import { generateCommand } from './cli/generate.ts'
import { modelCommand } from './cli/model.ts'
import { scoreCommand } from './cli/score.ts'

export function modelsCommands(program: Command): void {
  generateCommand(program)
  scoreCommand(program)
  modelCommand(program)
}

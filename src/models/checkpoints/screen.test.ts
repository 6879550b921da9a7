import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addModel, isBuilt } from '../../../test/checkpoint.ts'
import type { JudgedProject } from '../../../test/judged.ts'
import { looksRight } from '../../../test/looks.ts'
import { type ServedScreens, servedScreens } from '../../../test/screens.ts'
import type { Checkpoint } from './store.ts'

let at: JudgedProject
let open: ServedScreens['open']
let close: (() => Promise<void>) | undefined
let first: Checkpoint

beforeAll(async () => {
  ;({ at, open, close } = await servedScreens({ tasks: 4 }))
  first = await addModel(at, { name: 'helper-sft', base: 'smollm2-135m', facts: { algorithm: 'sft' } })
  const trained = { base: first.name, baseId: first.id }
  await addModel(at, {
    name: 'helper-dpo',
    ...trained,
    facts: { algorithm: 'dpo', measured: { accuracy: 0.7314159, loss: 0.52 } },
  })
  await addModel(at, { name: 'reward', head: 'scalar', ...trained, facts: { algorithm: 'reward' } })
})
afterAll(async () => {
  await close?.()
  if (at) rmSync(at.platform.dataDir, { recursive: true, force: true })
})

it('lists models with what made them, and shows the card of one beside the list', async () => {
  const page = await open('models')
  await page.getByRole('cell', { name: 'dpo on helper-sft' }).waitFor()
  await page.getByRole('cell', { name: 'reward model' }).waitFor()
  await looksRight(page, 'models')
  await page.getByRole('cell', { name: 'helper-dpo', exact: true }).click()
  const card = page.getByRole('dialog', { name: 'helper-dpo' })
  await card.getByText('0.7314').waitFor()
  await card.getByText('Apache-2.0').waitFor()
  await card.getByText('Test/helper-dpo').waitFor()
  await looksRight(page, 'model')
  await card.getByRole('link', { name: 'helper-sft' }).click()
  const base = page.getByRole('dialog', { name: 'helper-sft' })
  await base.getByRole('link', { name: 'helper-dpo' }).waitFor()
  await base.getByRole('link', { name: /as a picture/ }).click()
  await page.getByRole('heading', { level: 1, name: 'Where helper-sft comes from' }).waitFor()
  await page.context().close()
})

it('puts one away, and brings it back', async () => {
  const page = await open(`models?row=${first.id}`)
  await page.getByRole('button', { name: 'Put it away' }).click()
  await page.getByText('helper-sft is put away.').waitFor()
  const row = page.locator('td', { hasText: /^helper-sft$/ })
  await expect.poll(() => row.count()).toBe(0)
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('button', { name: 'Put it away' }).waitFor()
  await expect.poll(() => row.count()).toBe(1)
  await page.context().close()
})

it('says what can be added, and what cannot', async () => {
  const page = await open('models')
  await page.getByRole('button', { name: 'Add a model' }).click()
  const form = page.getByRole('dialog', { name: 'Add a model' })
  await form.getByLabel(/^Model/).fill('smollm2-135m')
  await form.getByText(/134\.5M parameters, 98 MB, licence Apache-2\.0/).waitFor()
  await looksRight(page, 'add-model')
  await form.getByLabel(/^Model/).fill('/etc')
  await form.getByLabel(/^Name/).click()
  await form.getByRole('button', { name: 'Add the model' }).click()
  await form.getByText('There is no model of that name or at that path.').waitFor()
  await page.context().close()
})

it.skipIf(!isBuilt)('opens its policy, which answers a test call (needs npm run build)', async () => {
  const page = await open(`models?row=${first.id}`)
  await page.getByRole('link', { name: 'Open its policy' }).click()
  await page.getByRole('heading', { level: 1, name: 'Policies' }).waitFor()
  const policy = page.getByRole('dialog', { name: 'helper-sft' })
  await policy.getByRole('link', { name: 'its model' }).waitFor()
  await policy.getByLabel('Most tokens').fill('12')
  await policy.getByRole('button', { name: 'Save' }).click()
  await page.getByText('helper-sft is changed.').waitFor()
  await policy.getByRole('button', { name: 'Ask' }).click()
  await policy.getByText(/tokens in, 12 out/).waitFor()
  await looksRight(page, 'checkpoint-policy')
  await page.keyboard.press('Escape')
  await page
    .getByRole('row', { name: /helper-sft/ })
    .getByText('a checkpoint here')
    .waitFor()
  await looksRight(page, 'policies')
  await page.context().close()
})

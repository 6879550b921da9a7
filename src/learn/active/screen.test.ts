import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { looksRight } from '../../../test/looks.ts'
import { addTasks, somePrompts } from '../../../test/project.ts'
import { type ServedScreens, servedScreens } from '../../../test/screens.ts'
import { catchUp } from '../../platform/events.ts'
import { one } from '../../platform/sql.ts'
import { rewardFollower } from '../reward/store.ts'
import { chooseNext } from './choose.ts'

let served: ServedScreens
beforeAll(async () => {
  served = await servedScreens({ tasks: 60 })
  await addTasks(served.at.db, served.at.project, somePrompts(100), 1)
  await catchUp(served.at.db, [rewardFollower])
})
afterAll(() => served?.close())

it('is turned on from the page, and what is ahead and what it gained is seen there', async () => {
  const { at } = served
  const page = await served.open('reward')
  const part = page.getByRole('region', { name: 'Which tasks come next' })
  await part.getByText(/1.4 points of accuracy after 200 answers/).waitFor()
  await part.getByRole('switch', { name: 'The reward chooses' }).click()
  await part.getByText(/Ahead of the queue/).waitFor()
  const share = part.getByLabel('Come as they arrived')
  await share.fill('30')
  await share.blur()
  await expect
    .poll(async () => {
      const { settings } = await one(
        at.db,
        sql<{ settings: object }>`SELECT settings FROM projects WHERE id = ${at.project}`,
      )
      return settings
    })
    .toMatchObject({ activeChoice: { on: true, arrivalShare: 0.3 } })
  // Half of what was judged counts as chosen, so that there is something to compare.
  await sql`
    INSERT INTO active_choices (task_id, project_id, arm, score, position, ahead, at)
    SELECT id, ${at.project}, CASE WHEN row_number() OVER (ORDER BY id) % 2 = 0 THEN 'chosen' ELSE 'arrival' END, 0, 0, false, now()
    FROM tasks WHERE project_id = ${at.project} AND EXISTS (SELECT 1 FROM annotations a WHERE a.task_id = tasks.id)`.execute(
    at.db,
  )
  await chooseNext({ db: at.db, clock: at.clock.read })
  await page.reload()
  await part.getByText('Ahead of the queue: 35 chosen, 15 tasks as they came.').waitFor()
  await part.getByRole('rowheader', { name: /the honest figure/ }).waitFor()
  await part.getByText(/not known yet: 30 chosen answers and 60/).waitFor()
  await looksRight(page, 'active')
  await page.context().close()
})

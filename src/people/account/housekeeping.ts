/** Rows of sign-in that nobody will ask for again. */
import { sql } from 'kysely'
import type { Db } from '../../platform/sql.ts'

/** Removes sessions, half-finished sign-ins and invitations that are long over; safe from many replicas, once an hour is enough. */
export async function forgetExpired(db: Db): Promise<void> {
  await sql`DELETE FROM sessions WHERE expires_at < now()`.execute(db)
  await sql`DELETE FROM verifications WHERE expires_at < now()`.execute(db)
  await sql`DELETE FROM invitations WHERE expires_at < now() - interval '90 days'`.execute(db)
}

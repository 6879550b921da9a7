/** Which answers a reviewer checks. */

/**
 * Whether an answer falls into the reviewed share. Drawn from the id of the submission, whose last 48 bits are random:
 * the same answer always falls the same way, whichever replica asks.
 */
export function isSampled(submission: string, share: number): boolean {
  const drawn = Number.parseInt(submission.slice(-12), 16) / 2 ** 48
  return drawn < share
}

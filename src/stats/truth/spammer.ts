/**
 * Raykar and Yu, "Eliminating Spammers and Ranking Annotators for Crowdsourced Labeling Tasks", JMLR 13 (2012): a spammer
 * answers the same way whatever is true, so that the rows of the confusion matrix are alike.
 *
 *   S = 1 / (K (K - 1)) * sum over pairs of rows c < d, sum over answers l of (pi_cl - pi_dl)^2
 *
 * 0: a spammer, of any habit; 1: perfect (or perfectly reversed, which confusion matrices can read).
 *
 * Worked example: rows (.9 .1) and (.2 .8): ((.7)^2 + (.7)^2) / 2 = .49.
 */

/** `confusion`: workers x classes (true) x classes (answered). One score a worker. */
export function spammerScores(confusion: Float64Array, classes: number): Float64Array {
  const square = classes * classes
  const scores = new Float64Array(confusion.length / square)
  for (let w = 0; w < scores.length; w++) {
    let sum = 0
    for (let c = 0; c < classes; c++)
      for (let d = c + 1; d < classes; d++)
        for (let l = 0; l < classes; l++)
          sum += (confusion[w * square + c * classes + l]! - confusion[w * square + d * classes + l]!) ** 2
    scores[w] = classes > 1 ? sum / (classes * (classes - 1)) : 0
  }
  return scores
}

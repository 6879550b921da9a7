/** Which rows of a file an import takes. */

/** Why no comparison can be made of a row with so many responses; undefined where one can. */
export const whyNoTask = (responses: number): string | undefined =>
  responses === 2 ? undefined : `a compare task needs two responses, this row has ${responses}`

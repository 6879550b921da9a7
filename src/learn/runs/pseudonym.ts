/** What a person is called in a lineage: the end of their id, whose beginning only says when it was made. */
export const pseudonymOf = (person: string): string => `person ${person.slice(-6)}`

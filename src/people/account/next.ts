/** Where to go after signing in, from the address: one of our own pages and nothing else. */
export const nextPage = (next: string | undefined): string =>
  next && /^\/(?![/\\])/.test(next) && !/[\s\\]/.test(next) ? next : '/'

/** What `winnow` exits with; tools rely on these. */
export const EXIT = { done: 0, failed: 1, wrongUse: 2, deadLetters: 3 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

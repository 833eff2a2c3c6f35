/** One finding of `winnow doctor`: `hint` says what to do when it is not ok. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  readonly finding: string
  readonly hint: string
}

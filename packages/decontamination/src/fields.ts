/** A benchmark record as read from JSON, Parquet or CSV. */
export type BenchmarkRecord = Readonly<Record<string, unknown>>

/** Names that hold what is asked, most telling first. The first one a record has is protected. */
const QUESTION_FIELDS = [
  'text',
  'question',
  'problem',
  'prompt',
  'query',
  'input',
  'ctx',
  'sentence',
  'goal',
  'instruction',
  'statement',
  'claim',
  'content',
  'inputs',
] as const

/** Names that hold a worked answer. Protected when it is as long as an n-gram; a bare "42" or "Paris" is no evidence. */
const ANSWER_FIELDS = [
  'answer',
  'solution',
  'canonical_solution',
  'completion',
  'response',
  'output',
  'target',
] as const

const ID_FIELDS = [
  'id',
  '_id',
  'task_id',
  'question_id',
  'example_id',
  'qid',
  'idx',
  'ind',
] as const

/** One stretch of text to protect. `whole`: a passage shorter than an n-gram counts when it stands whole. */
export interface Passage {
  readonly text: string
  readonly whole: boolean
}

/** The example's own id, or undefined. */
export function exampleId(record: BenchmarkRecord): string | undefined {
  for (const name of ID_FIELDS) {
    const value = record[name]
    if (typeof value === 'string' && value !== '') return value
    if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  }
  return undefined
}

/**
 * The passages of a record to protect. `fields` names them: `['question', 'answer']` protects each by itself,
 * `['question+choices']` the two as one passage. Without `fields` the question and a worked answer are found by name.
 */
export function passagesOf(record: BenchmarkRecord, fields?: readonly string[]): Passage[] {
  if (fields !== undefined && fields.length > 0)
    return fields.map((field) => passage(joined(record, field), true)).filter(hasText)
  const found: Passage[] = []
  const question = firstText(record, QUESTION_FIELDS)
  if (question !== undefined) found.push(passage(question, true))
  const answer = firstText(record, ANSWER_FIELDS)
  if (answer !== undefined) found.push(passage(answer, false))
  return found
}

/** Names looked for when no field is given, for messages. */
export function questionFieldNames(): string {
  return QUESTION_FIELDS.join(', ')
}

function passage(text: string, whole: boolean): Passage {
  return { text, whole }
}

function hasText({ text }: Passage): boolean {
  return text.trim() !== ''
}

function firstText(record: BenchmarkRecord, names: readonly string[]): string | undefined {
  for (const name of names) {
    const text = flatten(record[name], 0)
    if (text.trim() !== '') return text
  }
  return undefined
}

function joined(record: BenchmarkRecord, field: string): string {
  return field
    .split('+')
    .map((name) => flatten(at(record, name.trim()), 0))
    .filter((text) => text !== '')
    .join('\n')
}

/** `choices.text` walks into objects; a name with a dot that exists as such wins. */
function at(record: BenchmarkRecord, path: string): unknown {
  if (path in record) return record[path]
  let value: unknown = record
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as BenchmarkRecord)[name]
  }
  return value
}

/** Strings as they are, lists and objects line by line: choices are `["a", "b"]` here and `{"text": [...]}` there. */
function flatten(value: unknown, depth: number): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null || depth > 4) return ''
  return Object.values(value)
    .map((item) => flatten(item, depth + 1))
    .filter((text) => text !== '')
    .join('\n')
}

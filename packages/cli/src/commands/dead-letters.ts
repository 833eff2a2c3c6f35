import type { KafkaBus } from '@winnow/bus/kafka'
import { InputError, TOPICS, type UnreadableLetter, UsageError } from '@winnow/core'
import { letterId } from '@winnow/core/messages'
import type { ClusterConfig } from '@winnow/runtime/cluster-config'
import { topicOf } from '@winnow/runtime/cluster-topics'
import { isUnreadable, type Letter, OpenLetters } from '@winnow/runtime/dead-letters'
import { withBus } from '../cluster-client.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { Console, type OutputMode } from '../terminal/console.js'
import { printable } from '../terminal/printable.js'

export interface DeadLetterArguments {
  readonly config: ClusterConfig
  readonly run: string | undefined
  readonly output: OutputMode
}

/** `winnow dead-letters list`: the open ones, the oldest first. */
export async function listDeadLetters({
  config,
  run,
  output,
}: DeadLetterArguments): Promise<ExitCode> {
  const letters = await withBus(config, (bus) => openLetters(bus, run, output))
  const lines = letters.map((letter) => {
    const { role, error } = letter
    const what = isUnreadable(letter) ? letterId(letter) : `${letter.shard}  ${letter.run}`
    return `${what}  ${role}  ${error.code}  ${error.message.split('\n')[0]}`
  })
  const text = letters.length === 0 ? 'no dead letters are open' : lines.join('\n')
  new Console(output).result({ text: `${printable(text)}\n`, json: letters.map(summary) })
  return EXIT.done
}

/** `winnow dead-letters show`: everything about those of one shard. */
export async function showDeadLetter(
  args: DeadLetterArguments & { readonly shard: string },
): Promise<ExitCode> {
  const { config, run, output, shard } = args
  const letters = await withBus(config, (bus) => openLetters(bus, run, output))
  const found = pick(letters, [shard])
  const text = found.map(describe).join('\n\n')
  new Console(output).result({ text: `${printable(text)}\n`, json: found })
  return EXIT.done
}

/**
 * `winnow dead-letters retry`: feeds the messages again, then marks their letters. A crash in between leaves a letter open
 * whose shard is under way; to feed it once more does no harm.
 */
export async function retryDeadLetters(
  args: DeadLetterArguments & { readonly shards: readonly string[]; readonly all: boolean },
): Promise<ExitCode> {
  const { config, run, output, shards, all } = args
  if (all === shards.length > 0)
    throw new UsageError('name the shards to feed again, or give --all', 'winnow dead-letters list')
  const fed = await withBus(config, async (bus) => {
    const letters = await openLetters(bus, run, output)
    const chosen = all ? letters.filter((each) => kept(each, output)) : pick(letters, shards)
    for (const letter of chosen) await retry(bus, letter)
    return chosen
  })
  const text = fed.map((letter) => `fed again: ${letterId(letter)}`).join('\n')
  new Console(output).result({
    text: fed.length === 0 ? 'no dead letters are open\n' : `${printable(text)}\n`,
    json: fed.map(summary),
  })
  return EXIT.done
}

async function retry(bus: KafkaBus, letter: Letter): Promise<void> {
  const again = isUnreadable(letter)
    ? { topic: letter.topic, key: letter.key, value: wholeValue(letter) }
    : { topic: consumedBy(letter.role), key: letter.shard, value: JSON.stringify(letter.message) }
  await bus.publish([again])
  const marker = {
    schema: 1,
    kind: 'retried',
    letter: letterId(letter),
    at: new Date().toISOString(),
  }
  await bus.publish([{ topic: TOPICS.deadLetters, key: again.key, value: JSON.stringify(marker) }])
}

/** Whether the letter has the whole message; warns where it has not. */
function kept(letter: Letter, output: OutputMode): boolean {
  try {
    if (isUnreadable(letter)) wholeValue(letter)
    return true
  } catch (error) {
    new Console(output).warn(`passed over: ${(error as Error).message}`)
    return false
  }
}

/** What was received. Throws InputError where only its beginning was kept: to feed that would lose the rest for good. */
function wholeValue(letter: UnreadableLetter): string {
  const raw = Buffer.from(letter.raw, 'base64')
  if (raw.length === letter.bytes) return raw.toString()
  throw new InputError(
    `only the first ${raw.length} of the ${letter.bytes} bytes of ${letterId(letter)} were kept`,
    'feed the input of its shard again with winnow feed --again',
  )
}

function consumedBy(role: string): string {
  const topic = topicOf(role)
  if (topic === undefined)
    throw new InputError(
      `a dead letter is of the role ${role}, which this version does not know`,
      'use the version of winnow that the services have',
    )
  return topic
}

/** Reads the topic to its end. A record that is none is told and passed over. */
async function openLetters(
  bus: KafkaBus,
  run: string | undefined,
  output: OutputMode,
): Promise<Letter[]> {
  const open = new OpenLetters()
  const log = await bus.log(TOPICS.deadLetters)
  try {
    for await (const { position, value } of log.read(0))
      try {
        open.apply(value)
      } catch (error) {
        new Console(output).warn(`record ${position} is passed over: ${(error as Error).message}`)
      }
  } finally {
    await log.close()
  }
  return open
    .all()
    .filter((letter) => run === undefined || (!isUnreadable(letter) && letter.run === run))
}

/** Letters whose shard begins so, or whose name it is. Throws InputError for one that is not there. */
function pick(letters: readonly Letter[], names: readonly string[]): Letter[] {
  const chosen = new Set<Letter>()
  for (const name of names) {
    const found = letters.filter((letter) => matches(letter, name))
    if (found.length === 0)
      throw new InputError(`no open dead letter of ${name}`, 'winnow dead-letters list shows them')
    for (const letter of found) chosen.add(letter)
  }
  return [...chosen]
}

function matches(letter: Letter, name: string): boolean {
  if (letterId(letter) === name) return true
  return !isUnreadable(letter) && name.length >= 4 && letter.shard.startsWith(name)
}

function summary(letter: Letter) {
  const { role, error } = letter
  return isUnreadable(letter)
    ? { letter: letterId(letter), role, topic: letter.topic, error }
    : { letter: letterId(letter), role, run: letter.run, shard: letter.shard, error }
}

function describe(letter: Letter): string {
  const { role, error } = letter
  const about = isUnreadable(letter)
    ? [
        `message    ${letter.topic}, partition ${letter.partition}, offset ${letter.offset}, ${letter.bytes} bytes`,
      ]
    : [
        `shard      ${letter.shard}`,
        `run        ${letter.run}`,
        `input      ${letter.message.source.uri}, ${letter.message.source.length} bytes from ${letter.message.source.offset}`,
        `attempts   ${letter.attempts}`,
      ]
  return [
    ...about,
    `role       ${role}`,
    `error      ${error.code}: ${error.message}`,
    ...(error.hint === '' ? [] : [`what to do ${error.hint}`]),
  ].join('\n')
}

import { runConfig } from '@winnow/runtime'
import pc from 'picocolors'
import { rulesInForce } from '../embedded/stage-options.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { Console, type OutputMode } from '../terminal/console.js'

/** `winnow rules`: every reason a verdict can carry, with its threshold and source. */
export async function rules(args: { output: OutputMode }): Promise<ExitCode> {
  const all = rulesInForce(runConfig.parse({}))
  const sets = [...new Set(all.map(({ set }) => set))]
  const width = Math.max(...all.map(({ reason }) => reason.length)) + 2
  const text = sets
    .map((set) => {
      const members = all.filter((rule) => rule.set === set)
      const lines = members.map((rule) => {
        const test =
          rule.metric === undefined || rule.comparison === undefined
            ? ''
            : `${rule.metric} ${rule.comparison} ${rule.threshold ?? ''}`
        return `  ${rule.reason.padEnd(width)}${rule.action.padEnd(6)}${test === '' ? rule.description : pc.bold(test)}`
      })
      const sources = [...new Set(members.map(({ source }) => source))].join('; ')
      return `${pc.bold(set)} ${pc.dim(`(${members[0]?.stage} stage; ${sources})`)}\n${lines.join('\n')}`
    })
    .join('\n\n')
  new Console(args.output).result({ text: `${text}\n`, json: all })
  return EXIT.done
}

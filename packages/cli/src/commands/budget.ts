import { UsageError } from '@winnow/core'
import { type Budget, budget, canSizeModel, runReportSchema } from '@winnow/report'
import { layout, placeOf } from '@winnow/storage'
import { openOutput } from '../embedded/output.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { Console, type OutputMode } from '../terminal/console.js'

export interface BudgetArguments {
  readonly out: string | undefined
  readonly cluster?: string | undefined
  readonly tokens: number | undefined
  readonly output: OutputMode
}

const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 })

/** `winnow budget`: what model a number of tokens is enough for, by Chinchilla's law. */
export async function budgetCommand(args: BudgetArguments): Promise<ExitCode> {
  const tokens = await tokensOf(args)
  const result = budget(tokens)
  new Console(args.output).result({ text: render(result), json: result })
  return EXIT.done
}

async function tokensOf({ out, tokens, cluster }: BudgetArguments): Promise<number> {
  if ((out === undefined) === (tokens === undefined))
    throw new UsageError('give either --out DIR or --tokens N', 'winnow budget --tokens 300e9')
  if (tokens !== undefined) return tokens
  const { store } = await openOutput({ out: out ?? '', cluster })
  if ((await store.head(layout.reportJson)) === undefined)
    throw new UsageError(
      `${placeOf(store)} has no ${layout.reportJson} yet`,
      'run winnow report first',
    )
  const text = Buffer.from(await store.get(layout.reportJson)).toString('utf8')
  return runReportSchema.parse(JSON.parse(text)).tokens.clean
}

function render({ tokens, optimal, models }: Budget): string {
  const lines = [`${short.format(tokens)} tokens`]
  if (!canSizeModel(tokens))
    return `${lines[0]}: too few to size a model by; the scaling laws were fitted to billions\n`
  if (optimal !== null)
    lines.push(
      `compute-optimal model: ${short.format(optimal.parameters)} parameters, ${optimal.flops.toExponential(2)} FLOPs, loss ${optimal.loss.toFixed(3)}`,
    )
  for (const model of models)
    lines.push(
      `  ${short.format(model.parameters).padStart(5)} parameters want ${short.format(model.wantedTokens).padStart(6)} tokens:` +
        ` ${short.format(model.epochs).padStart(8)} epochs of these, loss ${model.loss.toFixed(3)}`,
    )
  return `${lines.join('\n')}\n`
}

import { writeFile } from 'node:fs/promises'
import { StorageError } from '@winnow/core'
import {
  bandThreshold,
  type CurvePoint,
  certainBands,
  type DedupParameters,
  dedupParameters,
  detectionCurve,
  fingerprint,
  halfPoint,
  type PairOdds,
  type ProfileName,
  pairOdds,
  signatureFingerprint,
  storageCost,
} from '@winnow/dedup'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { Console, type OutputMode } from '../terminal/console.js'
import { renderCurves } from './dedup-curve-text.js'
import { DOCUMENT_BYTES, MEASURE_SECONDS, measureLookUp, measureSigning } from './dedup-speed.js'

export interface DedupCurveArguments {
  readonly profiles: readonly string[]
  /** Values that replace those of every profile. */
  readonly changes: Partial<DedupParameters>
  /** File to write a chart to. */
  readonly svg: string | undefined
  readonly output: OutputMode
}

/** What parameters detect, and what they cost. */
export interface CurveResult {
  /** The profile, with `*` when values of it were replaced. */
  readonly name: string
  readonly parameters: DedupParameters
  readonly fingerprint: string
  /** (1 / bands)^(1 / rows). */
  readonly bandThreshold: number
  /** Jaccard index from which on half of the pairs are candidates, and duplicates. */
  readonly half: PairOdds
  /** Shared bands from which on a pair is believed without a look at its sketches; null when no number is enough. */
  readonly certainBands: number | null
  readonly points: readonly CurvePoint[]
  readonly keysPerDocument: number
  readonly perMillionDocuments: MillionDocuments
}

/** Bytes stored, and seconds of one core of this machine. */
export interface MillionDocuments {
  readonly keyFileBytes: number
  /** At the most. */
  readonly indexBytes: number
  readonly signSeconds: number
  readonly lookUpSeconds: number
}

/** How the seconds were measured. */
export interface Measurement {
  readonly documentBytes: number
  readonly seconds: number
}

const TABLE_STEPS = 20
const CHART_STEPS = 200
const MILLION = 1e6

/** `winnow dedup curve`: how likely a pair of documents is detected over its Jaccard index, and what that costs. */
export async function dedupCurve(args: DedupCurveArguments): Promise<ExitCode> {
  const profiles = [...new Set(args.profiles)]
  const changed = Object.keys(args.changes).length > 0
  const named = profiles.map((profile) => ({
    name: changed ? `${profile}*` : profile,
    parameters: dedupParameters(profile as ProfileName, args.changes),
  }))
  if (args.svg !== undefined) await writeChart(args.svg, named)
  const speed = newSpeedometer()
  const curves = named.map((each) => curveResult(each, speed))
  const measured = { documentBytes: DOCUMENT_BYTES, seconds: MEASURE_SECONDS }
  const output = new Console(args.output)
  output.result({ text: renderCurves(curves, measured), json: { measured, curves } })
  if (args.svg !== undefined) output.note(`chart in ${args.svg}`)
  return EXIT.done
}

interface Named {
  readonly name: string
  readonly parameters: DedupParameters
}

function curveResult({ name, parameters }: Named, speed: Speedometer): CurveResult {
  const odds = pairOdds(parameters)
  const { keys, keyFileBytes, indexBytes } = storageCost(parameters)
  const certain = certainBands(parameters)
  return {
    name,
    parameters,
    fingerprint: fingerprint(parameters),
    bandThreshold: bandThreshold(parameters),
    half: {
      candidate: halfPoint((jaccard) => odds(jaccard).candidate),
      detected: halfPoint((jaccard) => odds(jaccard).detected),
    },
    certainBands: certain > parameters.bands ? null : certain,
    points: detectionCurve(parameters, TABLE_STEPS),
    keysPerDocument: keys,
    perMillionDocuments: {
      keyFileBytes: MILLION * keyFileBytes,
      indexBytes: MILLION * indexBytes,
      signSeconds: MILLION * speed.secondsPerDocument(parameters),
      lookUpSeconds: MILLION * keys * speed.secondsPerKey(parameters),
    },
  }
}

interface Speedometer {
  secondsPerDocument(parameters: DedupParameters): number
  secondsPerKey(parameters: DedupParameters): number
}

/** Measures only once what must be the same: profiles that differ in verification alone sign alike. */
function newSpeedometer(): Speedometer {
  const known = new Map<string, number>()
  const once = (what: string, measure: () => number) => {
    const seconds = known.get(what) ?? measure()
    known.set(what, seconds)
    return seconds
  }
  return {
    secondsPerDocument: (parameters) =>
      once(signatureFingerprint(parameters), () => measureSigning(parameters)),
    secondsPerKey: (parameters) => once('key', () => measureLookUp(parameters)),
  }
}

async function writeChart(file: string, named: readonly Named[]): Promise<void> {
  const { renderCurveChart } = await import('@winnow/report')
  const chart = renderCurveChart(
    named.map(({ name, parameters }) => {
      const odds = pairOdds(parameters)
      const { bands, rows, verify } = parameters
      return {
        name,
        detail: `${bands} × ${rows}, ${verify === 'off' ? 'not verified' : `verified at ${verify}`}`,
        half: halfPoint((jaccard) => odds(jaccard).detected),
        points: detectionCurve(parameters, CHART_STEPS),
        ...(verify === 'off' ? {} : { threshold: verify }),
      }
    }),
  )
  try {
    await writeFile(file, chart)
  } catch (cause) {
    const { message } = cause as Error
    throw new StorageError(`the chart cannot be written: ${message}`, {
      hint: 'Give --svg a file in a folder that exists and that you may write to.',
      cause,
    })
  }
}

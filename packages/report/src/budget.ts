import { z } from 'zod'
import {
  loss,
  optimalParameters,
  optimalTokens,
  trainingFlops,
  worthOfRepeats,
} from './chinchilla.js'

/** Model sizes that the budget is shown for, in parameters. */
export const MODEL_SIZES = [1e9, 7e9, 70e9] as const

/**
 * Tokens below which a corpus is too small to size a model by: what a model of a million parameters wants. Hoffmann et
 * al. fitted their law on models of 44 million parameters and more; far below, its losses are those of no model.
 */
export const SMALLEST_SIZED_TOKENS = 20e6

/** True when losses, epochs and the compute-optimal size mean something for this many tokens. */
export function canSizeModel(tokens: number): boolean {
  return tokens >= SMALLEST_SIZED_TOKENS
}

/** 40 % of the 989 TFLOP/s that an H100 does in dense bfloat16 (NVIDIA H100 SXM data sheet). */
const H100_FLOPS_PER_HOUR = 0.4 * 989e12 * 3600

const modelBudgetSchema = z.object({
  parameters: z.number(),
  /** Tokens for compute-optimal training. */
  wantedTokens: z.number(),
  /** Passes over the corpus that this takes. */
  epochs: z.number(),
  /** What those passes are worth in different tokens. */
  worthTokens: z.number(),
  /** Loss after one pass, and after `epochs` passes. */
  lossOnePass: z.number(),
  loss: z.number(),
  flops: z.number(),
  h100Hours: z.number(),
})
/** What one model size would make of the corpus. */
export type ModelBudget = z.infer<typeof modelBudgetSchema>

export const budgetSchema = z.object({
  tokens: z.number(),
  /** The compute-optimal model for these tokens in one pass; null without tokens. */
  optimal: z
    .object({ parameters: z.number(), flops: z.number(), loss: z.number(), h100Hours: z.number() })
    .nullable(),
  models: z.array(modelBudgetSchema),
})
export type Budget = z.infer<typeof budgetSchema>

/** What `tokens` tokens are enough for. Throws RangeError on a negative or infinite number. */
export function budget(tokens: number, sizes: readonly number[] = MODEL_SIZES): Budget {
  if (!Number.isFinite(tokens) || tokens < 0)
    throw new RangeError(`tokens must be a number of 0 or more, not ${tokens}`)
  if (tokens === 0) return { tokens, optimal: null, models: [] }
  const parameters = optimalParameters(tokens)
  const flops = trainingFlops(parameters, tokens)
  return {
    tokens,
    optimal: {
      parameters,
      flops,
      loss: loss(parameters, tokens),
      h100Hours: flops / H100_FLOPS_PER_HOUR,
    },
    models: sizes.map((size) => modelBudget(size, tokens)),
  }
}

function modelBudget(parameters: number, tokens: number): ModelBudget {
  const wantedTokens = optimalTokens(parameters)
  const epochs = wantedTokens / tokens
  const worthTokens = worthOfRepeats(tokens, epochs)
  const flops = trainingFlops(parameters, wantedTokens)
  return {
    parameters,
    wantedTokens,
    epochs,
    worthTokens,
    lossOnePass: loss(parameters, tokens),
    loss: loss(parameters, worthTokens),
    flops,
    h100Hours: flops / H100_FLOPS_PER_HOUR,
  }
}

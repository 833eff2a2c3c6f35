/**
 * Scaling laws. Loss: Hoffmann et al. 2022 (arXiv 2203.15556), approach 3, equation 10: L(N, D) = E + A/N^alpha + B/D^beta.
 * Compute: C = 6 N D (Kaplan et al. 2020, arXiv 2001.08361, section 2.1).
 * Repeated data: Muennighoff et al. 2023 (arXiv 2305.16264), equation 5 with R*_D = 15.39.
 */
export const CHINCHILLA = { E: 1.69, A: 406.4, B: 410.7, alpha: 0.34, beta: 0.28 } as const

/** Tokens per parameter of a compute-optimal model (Hoffmann et al., table 3: 67 billion parameters for 1.5 trillion, and about so throughout). */
export const TOKENS_PER_PARAMETER = 20

/** How soon repeated tokens lose their worth, in epochs beyond the first (Muennighoff et al., section 6). */
export const REPETITION_HALF_WORTH = 15.387756

/** Loss in nats per token of a model of `parameters` trained on `tokens` different tokens. */
export function loss(parameters: number, tokens: number): number {
  const { E, A, B, alpha, beta } = CHINCHILLA
  return E + A / parameters ** alpha + B / tokens ** beta
}

/** Training cost in floating-point operations. */
export function trainingFlops(parameters: number, tokens: number): number {
  return 6 * parameters * tokens
}

/** Parameters of the compute-optimal model for `tokens`. */
export function optimalParameters(tokens: number): number {
  return tokens / TOKENS_PER_PARAMETER
}

/** Tokens that a model of `parameters` wants for compute-optimal training. */
export function optimalTokens(parameters: number): number {
  return parameters * TOKENS_PER_PARAMETER
}

/**
 * The split of `flops` into parameters and tokens that minimises `loss` (Hoffmann et al., equation 4).
 * The fitted exponents favour more tokens per parameter than the rule of 20 at large budgets.
 */
export function computeOptimal(flops: number): { parameters: number; tokens: number } {
  const { A, B, alpha, beta } = CHINCHILLA
  const G = ((alpha * A) / (beta * B)) ** (1 / (alpha + beta))
  const parameters = G * (flops / 6) ** (beta / (alpha + beta))
  return { parameters, tokens: flops / 6 / parameters }
}

/** What `epochs` passes over `unique` tokens are worth, in different tokens: nearly all up to 4 passes, little beyond 40. */
export function worthOfRepeats(unique: number, epochs: number): number {
  if (epochs <= 1) return unique * epochs
  const repeats = epochs - 1
  return unique + unique * REPETITION_HALF_WORTH * (1 - Math.exp(-repeats / REPETITION_HALF_WORTH))
}

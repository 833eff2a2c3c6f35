export { instantiate } from './load.js'
export * from './ngrams.js'
export * from './normalize.js'
export * from './passages.js'
export * from './quality.js'
export * from './scanner.js'
export {
  SHINGLE_UNITS,
  type ShingleUnit,
  type Signatures,
  type SignOptions,
  type SketchBits,
  sign,
} from './sign.js'
export * from './sketch.js'
export * from './snappy.js'
export * from './trees.js'

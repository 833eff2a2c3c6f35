export * from './fold.js'
export * from './passages.js'
export * from './text.js'
export * from './words.js'

#!/usr/bin/env node
const { setFlagsFromString } = require('node:v8')

/**
 * Measured for Node.js 20, where they save a sixth of a short run's time (docs/decisions/0011). Pages are so unlike each
 * other that V8 optimises early and for nothing: it waits for 450 kB of a function's bytecode to have run instead of
 * 66 kB, and inlines less. A thread keeps 10 MB, from which V8 concludes that it should collect ten times a second.
 */
const V8_FLAGS = [
  '--interrupt-budget=450000',
  '--max-inlined-bytecode-size-cumulative=400',
  '--initial-old-space-size=64',
]
if (process.versions.v8.startsWith('11.')) for (const flag of V8_FLAGS) setFlagsFromString(flag)

const { fillCodeCache, useCodeCache } = require('./code-cache.cjs')
useCodeCache('main')
require('../bundle/main.cjs')
  .main(process.argv)
  .then((code) => {
    process.exitCode = code
    fillCodeCache()
  })

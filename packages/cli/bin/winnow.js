#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8'

// V8 optimises a function after 66 kB of its bytecode have run, and then again for every kind of value it meets later:
// pages are so unlike each other that waiting saves a tenth of a short run's time. Measured for Node.js 20 (docs/decisions/0011).
if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=450000')

const { main } = await import('../bundle/main.js')
process.exitCode = await main(process.argv)

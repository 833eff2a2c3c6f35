// What each worker thread loads.
const { fillCodeCache, useCodeCache } = require('./code-cache.cjs')

useCodeCache('worker')
Object.defineProperty(exports, '__esModule', { value: true })
exports.default = require('../bundle/worker.cjs').default.then((run) => async (task) => {
  const outcome = await run(task)
  fillCodeCache()
  return outcome
})

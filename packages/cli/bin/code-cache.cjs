// Compiled code of the bundle, kept between runs. V8 otherwise parses and compiles the same files in every thread of
// every run, which takes a twentieth of a short one (docs/decisions/0011). `npm run build` fills the cache by a run of
// its own; code of another V8, or made with other flags, is refused by V8 and compiled as usual.
const { mkdirSync, readFileSync, renameSync, writeFileSync, writeSync } = require('node:fs')
const Module = require('node:module')
const { basename, dirname, join } = require('node:path')
const { constants, Script } = require('node:vm')

const BUNDLE = join(__dirname, '..', 'bundle')
const FOLDER = join(BUNDLE, 'code-cache', `${process.version}-${process.arch}`)
/** For the build and for tests: `fill` makes the cache, `report` says on standard error which files were taken from it. */
const mode = process.env.WINNOW_CODE_CACHE
const filling = mode === 'fill'
/** The scripts of this thread, by the name of their file. */
const scripts = new Map()

/**
 * Makes `require` take the bundle's files from the cache.
 * @param thread `main` or `worker`: each runs other functions of the same files
 */
exports.useCodeCache = (thread) => {
  const compile = Module.prototype._compile
  Module.prototype._compile = function (content, filename) {
    if (dirname(filename) !== BUNDLE) return compile.call(this, content, filename)
    const name = `${basename(filename)}.${thread}`
    const cachedData = filling ? undefined : readCached(name)
    const script = new Script(Module.wrap(content), {
      filename,
      cachedData,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    })
    if (filling) scripts.set(name, script)
    if (mode === 'report') report(name, cachedData !== undefined && !script.cachedDataRejected)
    const { resolve } = Module.createRequire(filename)
    const require = Object.assign((id) => this.require(id), { resolve })
    script
      .runInThisContext()
      .call(this.exports, this.exports, require, this, filename, dirname(filename))
  }
}

/** While the cache is being filled: stores what this thread has compiled so far. */
exports.fillCodeCache = () => {
  if (!filling) return
  mkdirSync(FOLDER, { recursive: true })
  for (const [name, script] of scripts) {
    const file = join(FOLDER, name)
    const unfinished = `${file}.${process.pid}`
    writeFileSync(unfinished, script.createCachedData())
    renameSync(unfinished, file)
  }
}

function report(name, taken) {
  writeSync(2, `code cache: ${taken ? 'taken' : 'compiled'} ${name}\n`)
}

function readCached(name) {
  try {
    return readFileSync(join(FOLDER, name))
  } catch {
    return undefined
  }
}

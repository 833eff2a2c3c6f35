import { readFileSync } from 'node:fs'

/** Compiles `wasm/<name>.wasm` and makes a fresh instance with a memory of its own. */
export function instantiate<Exports extends WebAssembly.Exports>(name: string): Exports {
  const bytes = readFileSync(new URL(`../wasm/${name}.wasm`, import.meta.url))
  const module = new WebAssembly.Module(bytes)
  const instance = new WebAssembly.Instance(module, {
    env: {
      abort: (_message: number, _file: number, line: number, column: number) => {
        throw new WebAssembly.RuntimeError(`kernel ${name} aborted at ${line}:${column}`)
      },
    },
  })
  return instance.exports as Exports
}

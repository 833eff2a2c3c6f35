import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** The part of the WebAssembly API that is used here; TypeScript's own declarations come only with the whole DOM. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: object }
  readonly RuntimeError: new (message: string) => Error
}

/** Linear memory of an instance. Its `buffer` is another one after each growth: never keep a view over a call. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

// Found by the package's name and not beside this module, so that it is found from a bundle too.
const { resolve } = createRequire(import.meta.url)
const modules = new Map<string, object>()

/** Makes a fresh instance of `wasm/<name>.wasm` with a memory of its own. The module is compiled once per thread. */
export function instantiate<Exports extends object>(name: string): Exports {
  let module = modules.get(name)
  if (module === undefined) {
    module = new WebAssembly.Module(readFileSync(resolve(`@winnow/kernel/wasm/${name}.wasm`)))
    modules.set(name, module)
  }
  const instance = new WebAssembly.Instance(module, {
    env: {
      abort: (_message: number, _file: number, line: number, column: number) => {
        throw new WebAssembly.RuntimeError(`kernel ${name} aborted at ${line}:${column}`)
      },
    },
  })
  return instance.exports as Exports
}

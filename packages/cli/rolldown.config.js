import { defineConfig } from 'rolldown'

/**
 * The program in a few files. Node.js takes half a second to find and load the 280 modules of a run one by one, in
 * every thread (docs/decisions/0011). What finds its own files by where it lies stays outside.
 */
export default defineConfig({
  input: { main: 'dist/main.js', worker: 'dist/embedded/worker.js' },
  platform: 'node',
  external: ['piscina', 'apache-arrow'],
  output: { dir: 'bundle', format: 'esm', cleanDir: true, sourcemap: true },
})

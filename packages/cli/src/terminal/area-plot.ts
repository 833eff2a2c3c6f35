/** Two curves over 0 to 1, one never above the other, in block characters. */
export interface AreaPlot {
  /** Filled, in steps of an eighth of a line. */
  readonly filled: (x: number) => number
  /** Shaded from there up. */
  readonly shaded: (x: number) => number
  /** A place on the axis that is marked. */
  readonly mark?: number
  /** Characters and lines of the plot itself. */
  readonly width: number
  readonly height: number
}

const EIGHTHS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
const SHADE = '░'
const GUIDE = '·'
export const MARK = '▲'
/** Characters that the scale takes on the left. */
export const SCALE_WIDTH = 5
const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1]

/** The lines of a plot with its scales, all of `SCALE_WIDTH + width` characters. */
export function areaPlot({ filled, shaded, mark, width, height }: AreaPlot): string[] {
  const at = (column: number) => (column + 0.5) / width
  const lines = Array.from({ length: height }, (_, line) => {
    const below = height - 1 - line
    const guide = line === 0 || line === Math.floor(height / 2) ? GUIDE : ' '
    let row = ''
    for (let column = 0; column < width; column++) {
      const eighths = Math.round(8 * (filled(at(column)) * height - below))
      const shade = shaded(at(column)) * height - below >= 0.5
      if (eighths > 0) row += EIGHTHS[Math.min(8, eighths)]
      else row += shade ? SHADE : guide
    }
    return `${scale(line, height)}${row}`
  })
  return [...lines, axis(width, mark), labels(width)]
}

function scale(line: number, height: number): string {
  if (line === 0) return '100 ┤'
  if (line === Math.floor(height / 2)) return ' 50 ┤'
  return '    │'
}

/** Column of a value from 0 to 1. */
function place(value: number, width: number): number {
  return Math.min(width - 1, Math.floor(value * width))
}

function axis(width: number, mark: number | undefined): string {
  const row = new Array<string>(width).fill('─')
  for (const tick of TICKS) row[place(tick, width)] = '┴'
  if (mark !== undefined) row[place(mark, width)] = MARK
  return `  0 └${row.join('')}`
}

function labels(width: number): string {
  const row = new Array<string>(width).fill(' ')
  for (const tick of TICKS) {
    const text = tick.toFixed(1)
    const from = Math.min(width - text.length, Math.max(0, place(tick, width) - 1))
    for (const [i, character] of [...text].entries()) row[from + i] = character
  }
  return `${' '.repeat(SCALE_WIDTH)}${row.join('')}`
}

/** Blocks of lines next to each other, `gap` characters between two. */
export function beside(blocks: readonly (readonly string[])[], gap: number): string[] {
  const widths = blocks.map((block) => Math.max(0, ...block.map((line) => line.length)))
  const height = Math.max(0, ...blocks.map((block) => block.length))
  return Array.from({ length: height }, (_, line) =>
    blocks
      .map((block, i) => (block[line] ?? '').padEnd(widths[i] ?? 0))
      .join(' '.repeat(gap))
      .trimEnd(),
  )
}

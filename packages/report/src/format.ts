/** Numbers for people. All in English, with thin units, the same on every machine. */

const integer = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** `12,345` */
export function formatCount(value: number): string {
  return integer.format(value)
}

/** `1 document`, `12 documents` */
export function formatNumberOf(count: number, singular: string): string {
  return `${formatCount(count)} ${singular}${count === 1 ? '' : 's'}`
}

/** Three significant digits and a unit: `1.23 MB` (decimal units). */
export function formatBytes(value: number): string {
  return scaled(value, ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'])
}

/** Three significant digits and a scale: `1.23 M`, `3.40 B`, `1.40 T`. */
export function formatLarge(value: number): string {
  if (value > 0 && value < 1) return '< 1'
  return scaled(value, ['', 'k', 'M', 'B', 'T', 'quadrillion', 'quintillion']).trim()
}

/** `12.3 %`; a part that is not nothing never reads as 0. */
export function formatShare(value: number): string {
  if (value > 0 && value < 0.0005) return '< 0.1 %'
  if (value < 1 && value > 0.9995) return '> 99.9 %'
  return `${(value * 100).toFixed(value === 0 || value === 1 ? 0 : 1)} %`
}

/** `0.42 s`, `12.3 s`, `4 min 10 s`, `3 h 05 min` */
export function formatSeconds(value: number): string {
  if (value < 10) return `${value.toFixed(2)} s`
  if (value < 100) return `${value.toFixed(1)} s`
  if (value < 3600) return `${Math.floor(value / 60)} min ${Math.floor(value % 60)} s`
  const minutes = String(Math.floor((value % 3600) / 60)).padStart(2, '0')
  return `${formatCount(Math.floor(value / 3600))} h ${minutes} min`
}

/** A metric's value: up to four significant digits, no exponent where a person would not use one. */
export function formatValue(value: number): string {
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size >= 1e6) return formatLarge(value)
  if (size >= 1000) return formatCount(value)
  if (size >= 0.001) return String(Number(value.toPrecision(size >= 1 ? 4 : 3)))
  if (size >= 0.0001) return String(Number(value.toPrecision(2)))
  return value > 0 ? '< 0.0001' : '> −0.0001'
}

/** `176` where the value is known exactly, `about 180` where it is rounded to two digits, `none` without one. */
export function formatQuantile(
  quantile: { value: number; exact: boolean } | null,
  format: (value: number) => string = formatValue,
): string {
  if (quantile === null) return 'none'
  const text = format(quantile.value)
  if (quantile.exact || text.startsWith('<')) return text
  // `1.60 kB` would claim a third digit.
  return `about ${text.replace(/\.?0+(?= )/, (zeros) => (text.includes('.') ? '' : zeros))}`
}

/** `5.88 × 10²³` */
export function formatPower(value: number): string {
  if (value < 1e6) return formatCount(value)
  const [mantissa = '', exponent = ''] = value.toExponential(2).split('e+')
  return `${mantissa} × 10${[...exponent].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('')}`
}

function scaled(value: number, units: readonly string[]): string {
  let unit = 0
  let left = value
  // 999.5 and more would round to 1000: that is 1.00 of the next unit.
  while (Math.abs(left) >= 999.5 && unit < units.length - 1) {
    left /= 1000
    unit++
  }
  const digits = unit === 0 ? 0 : Math.abs(left) < 9.995 ? 2 : Math.abs(left) < 99.95 ? 1 : 0
  return `${left.toFixed(digits)} ${units[unit]}`
}

import { describe, expect, it } from 'vitest'
import { decodeHtml } from '../src/charset.js'
import { decodeMixedUtf8 } from '../src/utf8-repair.js'

const RUSSIAN =
  'Съешь же ещё этих мягких французских булок, да выпей чаю. Широкая электрификация южных губерний даст мощный толчок подъёму сельского хозяйства. '
const GERMAN = 'Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich – „schön“. '
/** windows-1251, KOI8-R and windows-1252 of the letters used here. */
function singleByte(text: string, encoding: string): Buffer {
  const decoder = new TextDecoder(encoding)
  const bytes = new Map<string, number>()
  for (let byte = 255; byte >= 0; byte--) bytes.set(decoder.decode(Uint8Array.of(byte)), byte)
  const high = '€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ'
  const at = [
    0x80, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8e, 0x91, 0x92, 0x93,
    0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9e, 0x9f,
  ]
  if (encoding === 'windows-1252')
    [...high].forEach((char, i) => {
      bytes.set(char, at[i] as number)
    })
  return Buffer.from([...text].map((char) => bytes.get(char) ?? 0x3f))
}
/** Double-byte encodings, by looking every character up in the decoder's own table. */
function doubleByte(text: string, encoding: string): Buffer {
  const decoder = new TextDecoder(encoding)
  const table = new Map<string, number[]>()
  for (let lead = 0x81; lead <= 0xfe; lead++)
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      const char = decoder.decode(Uint8Array.of(lead, trail))
      if ([...char].length === 1 && char !== '\ufffd' && !table.has(char))
        table.set(char, [lead, trail])
    }
  return Buffer.from(
    [...text].flatMap((char) =>
      char < '\x80' ? [char.charCodeAt(0)] : (table.get(char) ?? [0x3f]),
    ),
  )
}
const JAPANESE =
  '吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした所でニャーニャー泣いていた事だけは記憶している。'
const CHINESE =
  '人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心,并应以兄弟关系的精神相对待。人人有资格享受本宣言所载的一切权利和自由。'
const KOREAN =
  '모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 인간은 천부적으로 이성과 양심을 부여받았으며 서로 형제애의 정신으로 행동하여야 한다.'

function page(text: string, meta = ''): string {
  const tag =
    meta === '' ? '' : `<meta http-equiv="Content-Type" content="text/html; charset=${meta}">`
  return `<html><head>${tag}<title>${text.slice(0, 20)}</title></head><body><p>${text.repeat(3)}</p></body></html>`
}

describe('a page is decoded without a loss', () => {
  const utf16 = (text: string, big: boolean) => {
    const bytes = Buffer.from(text, 'utf16le')
    return big ? bytes.swap16() : bytes
  }
  it.each<[string, string, Uint8Array, string, string]>([
    ['UTF-8 that names nothing', page(GERMAN), Buffer.from(page(GERMAN)), '', 'utf-8'],
    [
      'UTF-8 that the server calls Latin-1',
      page(GERMAN),
      Buffer.from(page(GERMAN)),
      'iso-8859-1',
      'utf-8',
    ],
    ['UTF-8 with a mark', page(GERMAN), Buffer.from(`\ufeff${page(GERMAN)}`), '', 'utf-8'],
    ['UTF-16 with a mark', page(GERMAN), utf16(`\ufeff${page(GERMAN)}`, false), '', 'utf-16le'],
    [
      'UTF-16 big-endian with a mark',
      page(GERMAN),
      utf16(`\ufeff${page(GERMAN)}`, true),
      'utf-8',
      'utf-16be',
    ],
    ['UTF-16 without a mark', page(GERMAN), utf16(page(GERMAN), false), '', 'utf-16le'],
    [
      'windows-1252 that the server names',
      page(GERMAN),
      singleByte(page(GERMAN), 'windows-1252'),
      'ISO-8859-1',
      'windows-1252',
    ],
    [
      'windows-1252 that the server calls UTF-8',
      page(GERMAN),
      singleByte(page(GERMAN), 'windows-1252'),
      'utf-8',
      'windows-1252',
    ],
    [
      'windows-1252 that names nothing',
      page(GERMAN),
      singleByte(page(GERMAN), 'windows-1252'),
      '',
      'windows-1252',
    ],
    [
      'windows-1251 by its meta',
      page(RUSSIAN, 'windows-1251'),
      singleByte(page(RUSSIAN, 'windows-1251'), 'windows-1251'),
      '',
      'windows-1251',
    ],
    [
      'windows-1251 by its meta, against the server',
      page(RUSSIAN, 'windows-1251'),
      singleByte(page(RUSSIAN, 'windows-1251'), 'windows-1251'),
      'iso-8859-1',
      'windows-1251',
    ],
    [
      'windows-1251 that names nothing',
      page(RUSSIAN),
      singleByte(page(RUSSIAN), 'windows-1251'),
      '',
      'windows-1251',
    ],
    [
      'windows-1251 that the server calls Latin-1',
      page(RUSSIAN),
      singleByte(page(RUSSIAN), 'windows-1251'),
      'iso-8859-1',
      'windows-1251',
    ],
    [
      'windows-1251 that calls itself UTF-8',
      page(RUSSIAN, 'utf-8'),
      singleByte(page(RUSSIAN, 'utf-8'), 'windows-1251'),
      '',
      'windows-1251',
    ],
    ['KOI8-R that names nothing', page(RUSSIAN), singleByte(page(RUSSIAN), 'koi8-r'), '', 'koi8-r'],
    [
      'Shift_JIS by its meta',
      page(JAPANESE, 'Shift_JIS'),
      doubleByte(page(JAPANESE, 'Shift_JIS'), 'shift_jis'),
      'iso-8859-1',
      'shift_jis',
    ],
    [
      'Shift_JIS that names nothing',
      page(JAPANESE),
      doubleByte(page(JAPANESE), 'shift_jis'),
      '',
      'shift_jis',
    ],
    [
      'EUC-JP that names nothing',
      page(JAPANESE),
      doubleByte(page(JAPANESE), 'euc-jp'),
      '',
      'euc-jp',
    ],
    ['GB18030 by the server', page(CHINESE), doubleByte(page(CHINESE), 'gb18030'), 'gb2312', 'gbk'],
    [
      'GB18030 that names nothing',
      page(CHINESE),
      doubleByte(page(CHINESE), 'gb18030'),
      '',
      'gb18030',
    ],
    ['EUC-KR that names nothing', page(KOREAN), doubleByte(page(KOREAN), 'euc-kr'), '', 'euc-kr'],
  ])('%s', (_name, text, bytes, label, charset) => {
    const decoded = decodeHtml(bytes, label)
    expect(decoded.charset).toBe(charset)
    expect(decoded.text).toBe(text)
  })

  it('ISO-2022-JP, which is made of ASCII bytes', () => {
    const bytes = Buffer.concat([
      Buffer.from('<p>\x1b$B'),
      Buffer.from([0x24, 0x22, 0x24, 0x24]),
      Buffer.from('\x1b(B</p>'),
    ])
    expect(decodeHtml(bytes)).toEqual({ text: '<p>あい</p>', charset: 'iso-2022-jp' })
  })

  it('a GBK word that happens to be valid UTF-8, when GBK is named', () => {
    expect(decodeHtml(Buffer.from([0xc1, 0xaa, 0xcd, 0xa8]), 'gbk').text).toBe('联通')
  })

  it('UTF-8 with stray windows-1252 bytes keeps both', () => {
    const bytes = Buffer.concat([
      Buffer.from(page(GERMAN)),
      Buffer.from([0x93, 0x68, 0x69, 0x94, 0xe9, 0x21]),
    ])
    expect(decodeHtml(bytes, 'utf-8').text).toBe(`${page(GERMAN)}“hi”é!`)
  })

  it('UTF-8 that is cut off in a character leaves that one out', () => {
    expect(decodeMixedUtf8(Buffer.from('Grüße 猫').subarray(0, -1))).toBe('Grüße ')
  })

  it('U+FFFD that the page itself holds stays', () => {
    expect(decodeHtml(Buffer.from('<p>ä\ufffdä</p>')).text).toBe('<p>ä\ufffdä</p>')
  })

  it('any bytes under any label give some text', () => {
    for (let seed = 0; seed < 300; seed++) {
      const bytes = Uint8Array.from(
        { length: 40 },
        (_, i) => (Math.imul(seed * 41 + i + 1, 2654435761) >>> 13) & 255,
      )
      for (const label of [
        '',
        'utf-8',
        'big5',
        'euc-kr',
        'utf-16',
        'nonsense',
        'iso-2022-kr',
        'x-user-defined',
      ])
        expect(typeof decodeHtml(bytes, label).text).toBe('string')
    }
  })
})

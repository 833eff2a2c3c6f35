import type { RandomStream } from './random.js'
import { eastAsianLetters, englishSentences } from './source-text.js'

export const BENCH_LANGUAGES = ['english', 'chinese', 'japanese'] as const
export type BenchLanguage = (typeof BENCH_LANGUAGES)[number]

/** How documents of a language are made and edited. */
export interface Writing {
  /** A document of 2 to 10 paragraphs, separated by blank lines, unlike the others. */
  document(random: RandomStream): string
  /** The text cut so that every word, or letter where no spaces are written, is a piece; joined they are the text. */
  pieces(text: string): string[]
  isWord(piece: string): boolean
  /** A word, or letter, to put in the place of another. */
  word(random: RandomStream): string
  /** Lines as sites put around their pages. */
  readonly boilerplate: readonly string[]
  /** Other case, punctuation and white space; the same letters and digits in the same order. */
  surface(text: string, random: RandomStream): string
}

export function writingOf(language: BenchLanguage, data: string | undefined): Writing {
  return language === 'english'
    ? english(englishSentences(data))
    : eastAsian(eastAsianLetters(language, data), BOILERPLATE[language])
}

function english(sentences: readonly string[]): Writing {
  const words = [...new Set(sentences.flatMap((text) => text.match(/\b[a-z]{2,}\b/g) ?? []))]
  return {
    document: (random) => compose(random, ' ', () => random.pick(sentences)),
    pieces: (text) => text.split(/(\s+)/),
    isWord: (piece) => /\w/.test(piece),
    word: (random) => random.pick(words),
    boilerplate: BOILERPLATE.english,
    surface(text, random) {
      const cased = random.next() < 0.5 ? text.toUpperCase() : text.toLowerCase()
      return cased
        .replace(/[,;:](?=\s)/g, () => (random.next() < 0.5 ? '' : ' –'))
        .replace(/\.(?=\s|$)/g, '!')
        .replace(/ /g, () => (random.next() < 0.2 ? '  ' : ' '))
        .replace(/\n\n/g, '\r\n')
    },
  }
}

/** Letters of real texts in their real frequency, and no sense: runs of one to four put together. */
function eastAsian(letters: readonly string[], boilerplate: readonly string[]): Writing {
  const run = (random: RandomStream) => {
    const start = random.below(letters.length)
    return letters.slice(start, start + 1 + random.below(4)).join('')
  }
  const clause = (random: RandomStream) =>
    Array.from({ length: 2 + random.below(5) }, () => run(random)).join('')
  const sentence = (random: RandomStream) =>
    `${Array.from({ length: 1 + random.below(4) }, () => clause(random)).join('，')}。`
  return {
    document: (random) => compose(random, '', () => sentence(random)),
    pieces: (text) => [...text],
    isWord: (piece) => /[\p{L}\p{N}]/u.test(piece),
    word: (random) => random.pick(letters),
    boilerplate,
    surface: (text, random) =>
      text
        .replace(/，/g, () => random.pick([', ', ' ', '、']))
        .replace(/。/g, () => random.pick(['.', '！', '。 ']))
        .replace(/\n\n/g, '\r\n\u3000'),
  }
}

function compose(random: RandomStream, between: string, sentence: () => string): string {
  const paragraphs = 2 + Math.floor(9 * random.next() ** 2)
  return Array.from({ length: paragraphs }, () =>
    Array.from({ length: 2 + random.below(4) }, sentence).join(between),
  ).join('\n\n')
}

const BOILERPLATE: Readonly<Record<BenchLanguage, readonly string[]>> = {
  english: [
    'Home',
    'News',
    'About us',
    'Contact',
    'Skip to main content',
    'Sign in or create an account',
    'Subscribe to our newsletter',
    'Share this page on Facebook, Twitter or LinkedIn',
    'We use cookies to make this site work and to understand how you use it.',
    'Accept all cookies',
    'Manage your preferences at any time in the privacy settings.',
    'By continuing to browse you agree to our terms of service and privacy policy.',
    'Your browser is out of date, and some parts of this page may not work.',
    'Related articles',
    'Read more stories like this one',
    'Was this page helpful? Send us your feedback.',
    'All rights reserved. No part of this site may be copied without permission.',
    'Advertise with us',
    'Frequently asked questions and support',
    'Back to top',
  ],
  chinese: [
    '首页',
    '新闻中心',
    '关于我们',
    '联系方式',
    '登录或注册新账号',
    '订阅我们的电子邮件通讯',
    '本网站使用缓存文件来改善您的浏览体验。',
    '继续浏览即表示您同意我们的服务条款和隐私政策。',
    '接受全部',
    '您可以随时在隐私设置中更改您的选择。',
    '分享到微信和微博',
    '相关阅读推荐',
    '未经许可不得转载本站任何内容，版权所有。',
    '网站地图与常见问题解答',
    '返回顶部',
  ],
  japanese: [
    'ホーム',
    'ニュース一覧',
    '会社概要',
    'お問い合わせ',
    'ログインまたは新規会員登録はこちら',
    'メールマガジンに登録する',
    'このサイトでは利便性の向上のためにクッキーを使用しています。',
    '閲覧を続けることで利用規約とプライバシーポリシーに同意したものとみなされます。',
    'すべて許可する',
    '設定はいつでも変更することができます。',
    'この記事をシェアする',
    '関連記事をもっと読む',
    '当サイトの内容の無断転載を禁じます。',
    'よくある質問とサイトマップ',
    'ページの先頭へ戻る',
  ],
}

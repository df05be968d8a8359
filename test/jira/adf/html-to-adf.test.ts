import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { htmlToAdf } from '../../../src/jira/adf/html-to-adf';
import { short } from './shorthand';

function becomes(html: string, expected: string): void {
  assert.equal(short(htmlToAdf(html).blocks), expected);
}

const cases = (title: string, list: Record<string, [html: string, expected: string]>) =>
  describe(title, () => {
    for (const [name, [html, expected]] of Object.entries(list)) test(name, () => becomes(html, expected));
  });

cases('text', {
  'white space collapses as in a browser': ['<p> a \n\t b <b> c</b> d </p>', 'p(a b *c* d)'],
  'entities are characters': ['a &lt;b&gt; &amp;amp; &euro;&nbsp;5 &#x1F600;', 'p(a <b> &amp; €\u00a05 😀)'],
  'control and invisible characters vanish': ['a\u0000b\u200bc\u0007d', 'p(abcd)'],
  'marks nest': ['<b>a<i>b<u>c</u></i></b><s>d</s><sub>e</sub><sup>f</sup>', 'p(*a**_b_**_+c+_*-d-^e^^f^)'],
  'code stands with nothing but a link': [
    '<b><code>a</code></b> <a href="https://x.example"><code>b</code></a>',
    'p(`a` <`b` https://x.example/>)',
  ],
  'styles mean marks': [
    '<span style="font-weight:700;font-style:italic;text-decoration:line-through">a</span>',
    'p(*_-a-_*)',
  ],
  'unknown elements are only their text': ['<o:p>a</o:p><constructor>b</constructor><valueOf>c</valueOf>', 'p(abc)'],
  'addresses in angle brackets that nobody escaped are words': [
    '<p>Ann <ann@example.com> wrote, see <https://example.com/a?b=c>.</p><p>b</p>',
    'p(Ann <<ann@example.com mailto:ann@example.com>> wrote, see <<https://example.com/a?b=c https://example.com/a?b=c>>.) p(b)',
  ],
  'a head without an end tag hides nothing': ['<head><meta charset="utf-8"><title>t</title><p>a</p>', 'p(a)'],
  'a drawing without an end tag hides nothing': ['<p>a</p><svg><g><path><text>t</text><p>b</p>', 'p(a) p(b)'],
  'a drawing is left out': ['<p>a</p><svg><g><text>t</text></g></svg><p>b</p>', 'p(a) p(b)'],
  'unclosed elements end with the mail': ['<p><b>a<ul><li>b', 'p(*a*) ul[li[p(*b*)]]'],
});

cases('lines and paragraphs', {
  'paragraphs and breaks': ['<p>a<br>b</p><p>c</p>', 'p(a | b) p(c)'],
  'two breaks end a paragraph': ['a<br><br>b', 'p(a) p(b)'],
  'a break at the end of a block says nothing': ['<div>a<br></div><div>b</div>', 'p(a | b)'],
  'lines of divs, and an empty one': ['<div>a</div><div>b</div><div><br></div><div>c</div>', 'p(a | b) p(c)'],
  "Word's lines, and its empty one": [
    '<p class="MsoNormal">a</p><p class="MsoNormal">b</p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal">c</p>',
    'p(a | b) p(c)',
  ],
  'headings of every level': ['<h1>a</h1><h6>b</h6>c', 'h1(a) h6(b) p(c)'],
  'a rule': ['a<hr>b', 'p(a) rule p(b)'],
  'code keeps its lines and loses its marks': ['<pre>\n  a <b>b</b>\n\tc<br>d\n</pre>', 'code("  a b\\n\\tc\\nd")'],
  'code that never ends': ['<pre>a', 'code("a")'],
  'preserved white space is lines': ['<div style="white-space: pre-wrap">a\n  b\n\nc</div>', 'p(a |   b) p(c)'],
  "a mail program's wrapped text is no code": ['<pre class="moz-quote-pre" wrap="">a\nb</pre>', 'p(a | b)'],
});

cases('left out', {
  'scripts, styles, comments and the head': [
    '<head><title>t</title><style>b{}</style></head><script>alert(1)</script><!-- c --><!--[if mso]>m<![endif]-->a',
    'p(a)',
  ],
  'what is hidden': [
    '<div style="display: none !important">a<p>b</p></div><span hidden>c</span><i style="visibility:hidden">d</i><div style="max-height:0;overflow:hidden">e</div><b style="opacity:0">f</b>g',
    'p(g)',
  ],
  'but not what only looks like it': [
    '<b style="display:block;max-height:0px">a</b><i style="opacity:0.5">b</i>',
    'p(*a*_b_)',
  ],
  'images but for what they say': [
    '<img src="https://x/a.png" alt=" Logo "><img src="b.png"><img src="c" alt="">',
    'p(Logo)',
  ],
  'tracking pixels, whatever they say': ['a<img src="https://x/o.gif" width=1 height="1px" alt="opened">', 'p(a)'],
  'empty elements': ['<p></p><ul></ul><table></table><blockquote> </blockquote><h1>&nbsp;</h1><pre>\n</pre>', ''],
});

cases('links', {
  'web and mail': [
    '<a href="https://ä.example/x?a=1&amp;b=2#c">a</a> <a href="mailto:a@x.example">b</a>',
    'p(<a https://xn--4ca.example/x?a=1&b=2#c> <b mailto:a@x.example>)',
  ],
  'nothing that runs or reads': [
    '<a href="javascript:alert(1)">a</a><a href=" java\nscript:alert(1)">b</a><a href="data:text/html,x">c</a><a href="file:///etc/passwd">d</a><a href="vbscript:x">e</a>',
    'p(abcde)',
  ],
  'no relative ones': ['<a href="/admin">a</a><a href="//x.example">b</a><a>c</a>', 'p(abc)'],
  'addresses that are only text': [
    'See <b>www.x.example</b>, <code>https://x.example</code>\n or <a href="https://y.example">https://x.example</a>',
    'p(See <*www.x.example* https://www.x.example/>, `https://x.example` or <https://x.example https://y.example/>)',
  ],
  'around an image': ['<a href="https://x.example"><img src="a" alt="Shop"></a>', 'p(<Shop https://x.example/>)'],
});

cases('lists', {
  'bullets and numbers': [
    '<ul><li>a</li><li>b</li></ul><ol start="3"><li>c</ol>',
    'ul[li[p(a)] li[p(b)]] ol3[li[p(c)]]',
  ],
  'nested in an item, or beside it': [
    '<ul><li>a<ul><li>b</li></ul></li><ul><li>c</li></ul></ul>',
    'ul[li[p(a) ul[li[p(b)]]] li[p() ul[li[p(c)]]]]',
  ],
  'text without an item': ['<ul>a<li>b</ul>', 'ul[li[p(a)] li[p(b)]]'],
  'an item without a list': ['<li>a</li>b', 'p(a | b)'],
  'what an item may not hold': ['<ul><li><h2>a</h2><blockquote>b</blockquote><hr>c</ul>', 'ul[li[p(*a*) p(b) p(c)]]'],
  'starts that are none': ['<ol start="-1"><li>a</ol><ol start="x"><li>b</ol>', 'ol[li[p(a)]] ol[li[p(b)]]'],
});

cases('quotes', {
  'a quote in a quote': ['<blockquote>a<blockquote>b</blockquote>c</blockquote>d', 'quote[p(a) p(b) p(c)] p(d)'],
  'what a quote may not hold': [
    '<blockquote><h1>a</h1><hr><table><tr><th>b<th>c<tr><td>d<td>e</table></blockquote>',
    'quote[p(*a*) p(b | c) p(d | e)]',
  ],
});

cases('tables', {
  'head, body and spans': [
    '<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td rowspan="2">c</td><td>d</td></tr><tr><td>e</td></tr><tr><td colspan="2">f</td></tr></tbody></table>',
    'table[tr[th[p(a)] th[p(b)]] tr[tdr2[p(c)] td[p(d)]] tr[td[p(e)]] tr[tdc2[p(f)]]]',
  ],
  'short rows are filled, long spans cut': [
    '<table><tr><td>a<td>b<tr><td rowspan=9>c</table>',
    'table[tr[td[p(a)] td[p(b)]] tr[td[p(c)] td[p()]]]',
  ],
  'text outside of cells': [
    '<table><caption>a</caption><tr><td>b<td>c</table>',
    'table[tr[td[p(a)] td[p()]] tr[td[p(b)] td[p(c)]]]',
  ],
  'blocks in cells': [
    '<table><tr><td><h2>a</h2><ul><li>b</ul><blockquote>c</blockquote><td>d</table>',
    'table[tr[td[h2(a) ul[li[p(b)]] quote[p(c)]] td[p(d)]]]',
  ],
  'one that says that it is layout': ['<table role="presentation"><tr><td>a<td>b</table>', 'p(a) p(b)'],
  'one column is layout': ['<table><tr><td>a<tr><td>b</table>', 'p(a) p(b)'],
  'cells that keep a distance leave nothing': ['<table><tr><td>&nbsp;<td>a<tr><td><td></table>', 'p(a)'],
  'one that holds another is layout': [
    '<table><tr><td>a<td><table><tr><td>b<td>c</table></table>',
    'p(a) table[tr[td[p(b)] td[p(c)]]]',
  ],
  'a column of headers is data': ['<table><tr><th>a<tr><td>b</table>', 'table[tr[th[p(a)]] tr[td[p(b)]]]'],
  'one that nobody could read': [
    `<table><tr>${'<td>a'.repeat(60)}</table>`,
    Array.from({ length: 60 }, () => 'p(a)').join(' '),
  ],
});

describe('size', () => {
  for (const [name, html] of [
    ['3,000 quotes in each other', `${'<blockquote>'.repeat(3_000)}deep`],
    ['20 lists in each other', `${'<ul><li>'.repeat(20)}deep`],
    ['20 tables in each other', `${'<table><tr><td>x<td>y'.repeat(20)}deep`],
  ] as const) {
    test(`${name} keep their text`, () => {
      const { blocks, complete } = htmlToAdf(html);
      assert.match(JSON.stringify(blocks), /deep/);
      assert.equal(complete, true);
    });
  }

  for (const [name, html] of [
    ['200,000 elements in each other', `first${'<b>'.repeat(200_000)}deep`],
    ['a megabyte of words', '<i>first</i> '.repeat(90_000)],
  ] as const) {
    test(`${name} are read in part, and that is said`, () => {
      const { blocks, complete } = htmlToAdf(html);
      assert.match(JSON.stringify(blocks), /first/);
      assert.equal(complete, false);
    });
  }

  for (const [name, html] of [
    ['tables in tables', '<table><tr><td>x'.repeat(60_000)],
    ['wide spans', `<table><tr>${'<td colspan=50 rowspan=1000>'.repeat(40)}${'<tr><td>'.repeat(100_000)}`],
    ['lists in lists', '<ul><li>x'.repeat(90_000)],
    ['rules', '<hr>'.repeat(250_000)],
    ['open brackets', '<'.repeat(1_000_000)],
    ['attributes', `<b ${'a="b" '.repeat(160_000)}>x`],
    ['declarations', `<b style="${'a:b;'.repeat(250_000)}">x`],
    ['paragraph ends', '</p>'.repeat(250_000)],
  ] as const) {
    test(`a megabyte of ${name} is read in linear time`, () => {
      const started = process.cpuUsage();
      htmlToAdf(html);
      const { user, system } = process.cpuUsage(started);
      assert.ok((user + system) / 1_000 < 10_000);
    });
  }
});

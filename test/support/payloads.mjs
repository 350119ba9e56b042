// SPDX-License-Identifier: MPL-2.0
// Words that would become script where a page took them for more than words. Each that runs calls hook(), which a test puts into its pages; what would be loaded
// asks for /stolen. Written for these tests, one or more for each way in which pages were taken over.

/** Where one would break out of text, of an attribute, of a style or of a comment; tags and handlers. */
const html = [
    '<script>hook()</script>', '<ScRiPt src=/stolen></sCrIpT >', '<script\n>hook()</script\n>', '</textarea><script>hook()</script>', '</title><script>hook()</script>', '--><script>hook()</script>', ']]><script>hook()</script>',
    '<img src=x onerror=hook()>', '<img/src="x"/onerror=hook()>', '<svg onload=hook()>', '<svg><script>hook()</script></svg>', '<svg><a xlink:href="javascript:hook()"><text y=9>x</text></a></svg>', '<svg><animate onbegin=hook() attributeName=x dur=1s>',
    '<svg><use href="data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg onload=hook()>#x">', '<body onload=hook()>', '<iframe srcdoc="<script>parent.hook()</script>">', '<iframe src="javascript:parent.hook()">', '<object data="javascript:hook()">', '<embed src="/stolen">',
    '<details open ontoggle=hook()>x</details>', '<input autofocus onfocus=hook()>', '<video><source onerror=hook()></video>', '<audio src=x onerror=hook()>', '<marquee onstart=hook()>x</marquee>', '<style>@import"/stolen";*{x:y}</style>',
    '<link rel=stylesheet href=/stolen>', '<meta http-equiv=refresh content="0;url=/stolen">', '<base href=//stolen.invalid/>', '<form action=/stolen><button>x</button></form>', '<button formaction="javascript:hook()">x</button>', '<template><img src=x onerror=hook()></template>',
    '<x tabindex=1 onfocus=hook() autofocus>', '<p style="animation:x" onanimationstart=hook()>', '<dialog open onclose=hook()>', '<isindex action=javascript:hook() type=image>',
    '" onmouseover=hook() x="', "' onfocus=hook() autofocus x='", '`onerror=hook()`', '"><img src=x onerror=hook()>', "'><svg/onload=hook()>", '" autofocus onfocus="hook()', '"/onclick=hook()//', '\\"><img src=x onerror=hook()>', "');hook();('", '";hook();//', '</script><script>hook()</script>',
    // Repaired by the browser into something else (mutation).
    '<noscript><p title="</noscript><img src=x onerror=hook()>">', '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=hook()&gt;">', '<svg></p><style><a id="</style><img src=x onerror=hook()>">', '<select><template><style><!--</style><a rel="--><img src=x onerror=hook()>">',
    '<xmp><p title="</xmp><img src=x onerror=hook()>">', '<listing>&lt;img src=x onerror=hook()&gt;</listing>', '<plaintext><img src=x onerror=hook()>', '<a title="`<img src=x onerror=hook()>`">',
    // Escaped beforehand, once and twice, in the hope that somebody undoes it.
    '&lt;script&gt;hook()&lt;/script&gt;', '&amp;lt;img src=x onerror=hook()&amp;gt;', '&#60;img src=x onerror=hook()&#62;', '&#x3c;svg onload=hook()&#x3e;', '%3Cscript%3Ehook()%3C/script%3E', '\\u003cimg src=x onerror=hook()\\u003e', '\\x3cscript\\x3ehook()\\x3c/script\\x3e',
    // What the page's own script looks for.
    '<div hx-get=/stolen hx-trigger=load>', '<div hx-on:load=hook() hx-trigger=load>', '<div sse-connect=/stolen>', '<p data-hx-get=/stolen data-hx-trigger=load>', '<button hx-post=/logout hx-trigger=load>',
];

/** Links, as Markdown and as they stand. */
const links = [
    '[x](javascript:hook())', '[x](JaVaScRiPt:hook())', '[x](java\tscript:hook())', '[x](\x20javascript:hook())', '[x](javascript&colon;hook())', '[x](&#106;avascript:hook())', '[x](javascript%3Ahook())', '[x](<javascript:hook()>)', '[x](//stolen.invalid/x)',
    '[x](data:text/html,<script>hook()</script>)', '[x](data:text/html;base64,PHNjcmlwdD5ob29rKCk8L3NjcmlwdD4=)', '[x](vbscript:hook())', '[x](blob:x)', '[x](file:///etc/passwd)', '![x](javascript:hook())', '![x](/stolen)', '![x](x" onerror="hook())', '[x](x "y" onclick=hook())',
    '[x](https://a.example/" onclick="hook())', '[x](https://a.example/\'onclick=\'hook())', '[<img src=x onerror=hook()>](https://a.example)', '[x][y]\n\n[y]: javascript:hook()', '<javascript:hook()>', '<https://a.example/"onclick=hook()>', 'javascript:hook()', 'https://a.example/"onmouseover="hook()',
    'https://a.example/<script>hook()</script>', 'www.a.example/"><img src=x onerror=hook()>', 'https://javascript:hook()@a.example/', '`<img src=x onerror=hook()>`', '```html\n<script>hook()</script>\n```', '    <script>hook()</script>', '> <script>hook()</script>', '# <img src=x onerror=hook()>', '- <svg onload=hook()>',
    '| <img src=x onerror=hook()> |\n|-|\n| x |', '*<b onclick=hook()>x</b>*', '\\<script>hook()\\</script>',
];

/** Signs that read differently: directions, invisible ones, look-alikes, other widths, and those of templates. */
const signs = [
    '＜script＞hook()＜/script＞', '‹img src=x onerror=hook()›', '\u202e<img src=x onerror=hook()>\u202c', '\u2066[x](javascript:hook())\u2069', '<\u200bscript>hook()</script>', '<\u00a0img src=x onerror=hook()>', '<img\u2028src=x\u2028onerror=hook()>', '\ufeff<svg onload=hook()>', '<ſcript>hook()</ſcript>',
    '<ı onclick=hook()>', 'e\u0301<script>hook()</script>', '\u{e0041}<img src=x onerror=hook()>', '+ADw-script+AD4-hook()+ADw-/script+AD4-', '{{hook()}}', '${hook()}', '#{hook()}', '<%= hook() %>', '{% hook() %}', '{!hook()!}', '[[hook()]]', '{{constructor.constructor("hook()")()}}', '__proto__', '=hook()', '@SUM(1)*hook()', '-1+hook()', "%0d%0aSet-Cookie:%20a=b",
];

/** All that may stand in a line. */
export const lines = [...html, ...links.filter((one) => !one.includes('\n')), ...signs].map((one) => one.replace(/[\t\n]/g, ' '));

/** All, also those of several lines. */
export const payloads = [...html, ...links, ...signs];

/** Each that takes at most so many characters, one after the other, over and over. */
export function* within(list = lines) {
    for (let at = 0, room = yield; ;) {
        let tried = 0;
        while (tried++ < list.length && [...list[at % list.length]].length > room) at++;
        const one = list[at++ % list.length];
        room = yield [...one].length <= room ? one : '';
    }
}

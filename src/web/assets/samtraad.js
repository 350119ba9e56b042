// SPDX-License-Identifier: MPL-2.0
// What HTML and htmx cannot do. Every page works without it. Nothing is stored in the browser: drafts go to the server.

const find = (selector, within = document) => within.querySelector(selector);
const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];
const on = (event, handle, options) => document.addEventListener(event, handle, options);
const trigger = (selector, event) => find(selector) && window.htmx.trigger(selector, event);
const numberOf = post => Number(post.id.slice('post-'.length));
const authorOf = post => find('.post__head b', post).textContent;
const catchUp = () => trigger('#catch-up', 'samtraad:catch-up');

/* Reading place: what arrives neither moves what is being read nor takes the focus. */

const title = document.title.replace(/^\(\d+\) /, '');
let unseen = 0;   // arrived, and not looked at

const nearEnd = () => window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 160;

const toEnd = () => window.scrollTo(0, document.documentElement.scrollHeight);

function showUnseen() {
    const pill = find('#pill');
    document.title = unseen ? `(${unseen}) ${title}` : title;
    if (pill) {
        pill.hidden = unseen === 0 || nearEnd();
        find('.pill__count', pill).textContent = unseen > 1 ? unseen : '';
    }
}

const looking = () => document.hasFocus() && nearEnd();

// What was fetched while nobody looked counts as read now, on all the person's devices.
async function seen() {
    if (!unseen || !looking())
        return;
    unseen = 0;
    showUnseen();
    const oldest = find('.post[data-unseen]');
    for (const post of findAll('.post[data-unseen]'))
        post.removeAttribute('data-unseen');
    if (oldest)
        await fetch(`/dialogue/${find('.dialogue').dataset.dialogue}/posts?after=${numberOf(oldest) - 1}`, { headers: { Accept: 'application/json' } }).catch(() => {});
}

// Read on another device.
function readElsewhere(event) {
    const last = findAll('.post--other').at(-1);
    if (last && numberOf(last) > +event.detail?.data)
        return;
    unseen = 0;
    for (const post of findAll('.post[data-unseen]'))
        post.removeAttribute('data-unseen');
    showUnseen();
}

function say(text) {
    const place = find('#announce');
    if (place)
        place.textContent = text;
}

function sayOffline(yes) {
    const place = find('#offline');
    const text = yes ? place?.dataset.text : '';
    if (place && place.textContent !== text)
        place.textContent = text;
}

// A day's line belongs above its first post only; pages of posts that were fetched apart each bring their own.
function joinDays(posts) {
    const known = new Set();
    for (const day of findAll('.day', posts))
        known.has(day.id) ? day.remove() : known.add(day.id);
}

// What one sees arrive is not "new since last time"; what came while one was away gets the line, above the first of it.
function keepOneLine(fragment) {
    const line = find('.new-line', fragment);
    if (line && (document.hasFocus() || unseen))
        line.remove();
    else if (line)
        find('#new')?.remove();
}

let held = null;   // a post that was on screen before older ones were put above it, and where it was

function beforeSwap(event) {
    const { ctx, tasks } = event.detail;
    if (ctx.response?.raw?.redirected) {   // signed out meanwhile: the page itself must ask for the login
        event.preventDefault();
        leave();
        return;
    }
    for (const task of tasks ?? []) {
        if (task.target?.id === 'posts') {
            for (const post of findAll('.post', task.fragment))
                if (document.getElementById(post.id))
                    post.remove();
            keepOneLine(task.fragment);
        }
        if (task.target?.matches?.('.post'))
            findAll('.day, .new-line', task.fragment).forEach(line => line.remove());
        if (task.target?.id === 'older') {
            const post = find('#posts .post');
            held = post && { post, top: post.getBoundingClientRect().top };
        }
    }
    ctx.atEnd = nearEnd();
}

function arrived(posts, atEnd, away) {
    const others = posts.filter(post => post.classList.contains('post--other'));
    find('#first')?.remove();
    for (const post of posts)
        post.classList.add('post--fresh');
    if (others.length) {
        say(`${find('#announce').dataset.text} ${authorOf(others.at(-1))}`);
        if (away) {
            unseen += others.length;
            others.forEach(post => { post.dataset.unseen = 'true'; });
        }
    }
    if (atEnd || others.length < posts.length)
        toEnd();
    showUnseen();
}

function afterSwap(event) {
    const { ctx } = event.detail;
    const posts = find('#posts');
    const list = find('#fresh');
    if (list)
        document.title = +list.dataset.unread ? `(${list.dataset.unread}) ${title}` : title;
    if (!posts)
        return;
    joinDays(posts);
    if (held) {
        window.scrollBy(0, held.post.getBoundingClientRect().top - held.top);
        held = null;
    }
    const newest = find('#newest');
    const fresh = findAll('.post', posts).filter(post => newest && numberOf(post) > +newest.value);
    if (fresh.length) {
        newest.value = numberOf(fresh.at(-1));
        arrived(fresh, ctx.atEnd, ctx.unseen);
    }
    if (ctx.sourceElement?.id === 'composer' || ctx.request?.form?.id === 'composer')
        sent(ctx.response.status);
}

/* Writing */

const field = () => find('#composer #text');
let draftTimer = 0;
let draftRequest = null;
let draftText = field()?.value ?? '';
let waiting = false;   // a post did not get through; the same key is sent again, so that it cannot be there twice
let retryTimer = 0;

function grow() {
    const text = field();
    if (!text || CSS.supports('field-sizing', 'content'))
        return;
    text.style.height = 'auto';
    text.style.height = `${text.scrollHeight + 2}px`;
}

// A positive 63-bit number, as the server takes them.
function freshKey() {
    const [number] = window.crypto.getRandomValues(new BigUint64Array(1));
    find('#composer [name=key]').value = (number >> 1n) | 1n;
}

async function saveDraft() {
    const form = find('#composer');
    const text = field()?.value;
    window.clearTimeout(draftTimer);
    if (!form || text === draftText)
        return;
    const body = new URLSearchParams({ csrf: find('[name=csrf]', form).value, text });
    draftRequest = new AbortController();
    try {
        const answer = await fetch(form.dataset.draft, { method: 'POST', body, keepalive: true, signal: draftRequest.signal, headers: { Accept: 'application/json' } });
        if (answer.ok && !answer.redirected) {
            draftText = text;
            const state = find('#draft-state');
            state.textContent = text ? state.dataset.saved : '';
        }
    } catch {
        // The text is still in the field; the next key stroke tries again.
    }
}

function typed() {
    grow();
    find('#draft-state').textContent = '';
    window.clearTimeout(draftTimer);
    draftTimer = window.setTimeout(saveDraft, 1000);
    if (waiting) {   // another text is another post
        waiting = false;
        window.clearTimeout(retryTimer);
        freshKey();
    }
}

// The beginning of a text on one line, up to a word's end.
function excerpt(text) {
    const line = text.replace(/\s+/g, ' ').trim();
    return line.length <= 80 ? line : `${line.slice(0, 81).replace(/ \S*$/, '').slice(0, 80)}…`;
}

function reply(post) {
    const to = find('#reply-to');
    const author = find('#reply-author');
    const note = find('#reply-note');
    to.disabled = !post;
    to.value = post ? numberOf(post) : '';
    note.hidden = !post;
    if (post) {
        const { answer, self } = find('#composer').dataset;
        author.textContent = `${answer} ${post.classList.contains('post--own') ? self : authorOf(post)}`;
        find('#reply-excerpt').textContent = excerpt(find('.post__body', post).innerText);
    }
    field().focus();
}

function sent(status) {
    waiting = false;
    sayOffline(false);
    if (status === 422) {   // the form has come back with a message
        field()?.focus();
        grow();
        return;
    }
    find('#text-error')?.remove();
    window.clearTimeout(draftTimer);
    draftRequest?.abort();
    field().value = '';
    draftText = '';
    find('#draft-state').textContent = '';
    freshKey();
    reply(null);
    grow();
    toEnd();
}

function notSent() {
    waiting = true;
    sayOffline(true);
    window.clearTimeout(retryTimer);
    retryTimer = window.setTimeout(sendAgain, 4000);
}

function sendAgain() {
    window.clearTimeout(retryTimer);
    if (waiting)
        find('#composer')?.requestSubmit();
}

/* The connection */

// Away from a page that may not be shown any more. What is written and not kept as a draft is shown once more by the server, to copy.
function leave() {
    const text = field()?.value;
    if (!text || text === draftText) {
        window.location.reload();
        return;
    }
    const form = document.createElement('form');
    Object.assign(form, { method: 'post', action: find('#composer').dataset.draft, hidden: true });
    for (const [name, value] of [['csrf', find('#composer [name=csrf]').value], ['text', text]])
        form.append(Object.assign(document.createElement('textarea'), { name, value }));
    document.body.append(form);
    form.submit();
}

function failed(event) {
    const source = event.detail.ctx?.sourceElement;
    if (source?.id === 'composer')
        notSent();
    if (source?.id === 'catch-up')
        window.setTimeout(catchUp, 3000);
    if (source?.id === 'live') {
        sayOffline(true);
        window.setTimeout(() => trigger('#live', 'samtraad:connect'), 3000);
    }
}

function refused(event) {
    const { ctx } = event.detail;
    const status = ctx.response.status;
    if (status >= 500 || status === 429)
        failed(event);
    else if (status === 401 || status === 403 || status === 404)
        leave();
}

function streamFailed(event) {
    if ([401, 403, 404].includes(event.detail.status))
        leave();
    else
        sayOffline(true);
}

function connected() {
    if (!waiting)
        sayOffline(false);
    sendAgain();
}

function changed(event) {
    const number = event.detail?.data;
    const dialogue = find('.dialogue')?.dataset.dialogue;
    if (event.target.id === 'live' && dialogue && document.getElementById(`post-${number}`))
        window.htmx.ajax('GET', `/dialogue/${dialogue}/post/${number}`, { target: `#post-${number}`, swap: 'outerHTML', headers: { 'X-Idle': 'true' } });
}

/* The session's end: a warning two minutes before, with "stay" */

const warning = find('#session');
let ends = Date.now() + 1000 * Number(document.body.dataset.seconds || 0);
let asked = 0;

async function ask(path, options) {
    asked = Date.now();
    const answer = await fetch(path, { ...options, headers: { Accept: 'application/json' } });
    if (answer.redirected || answer.status === 401)
        leave();
    else if (answer.ok)
        ends = Date.now() + 1000 * (await answer.json()).seconds;
}

async function watchSession() {
    let left = Math.round((ends - Date.now()) / 1000);
    if (left <= 120 && Date.now() - asked > 10000) {
        // Another tab may have been in use: the server knows.
        await ask('/session').catch(() => {});
        left = Math.round((ends - Date.now()) / 1000);
    }
    if (left <= 0) {
        await saveDraft();
        leave();
    } else if (left <= 120) {
        const { left: words, minutes, seconds } = warning.dataset;
        const parts = left >= 60 ? [Math.floor(left / 60), minutes, left % 60, seconds] : [left, seconds];
        find('#session-left').textContent = [words, ...parts].join(' ');
        if (!warning.open)
            warning.showModal();
    } else if (warning.open) {
        warning.close();
    }
    window.setTimeout(watchSession, left <= 130 ? 1000 : 10000);
}

function stay(event) {
    event.preventDefault();
    const body = new URLSearchParams(new FormData(event.target));
    ask('/session/stay', { method: 'POST', body }).then(() => warning.close()).catch(() => sayOffline(true));
}

/* Small things */

async function copy(from, text) {
    try {
        await navigator.clipboard.writeText(text);
    } catch {
        const input = document.getElementById(from.dataset.copyFrom);
        input?.select();
        return;
    }
    const words = from.textContent;
    from.textContent = from.dataset.copy;
    say(from.dataset.copy);
    window.setTimeout(() => { from.textContent = words; }, 2000);
}

function closeMenus(except) {
    for (const menu of findAll('details.menu[open]'))
        if (!menu.contains(except))
            menu.open = false;
}

// A message's menu: a page of its own without this script, a small menu beside the message with it.
const menuState = { of: null, closed: 0 };

async function openMenu(dots) {
    const menu = find('#post-menu');
    if (menuState.of === dots && Date.now() - menuState.closed < 400)   // the same press has just closed it
        return;
    menuState.of = dots;
    menu.replaceChildren();
    await window.htmx.ajax('GET', dots.href, { target: menu, swap: 'innerHTML' });
    if (!menu.firstElementChild || !dots.isConnected)
        return;
    menu.showPopover();
    const at = dots.getBoundingClientRect();
    const above = at.bottom + menu.offsetHeight > find('.dock').getBoundingClientRect().top && at.top > menu.offsetHeight;
    menu.style.top = `${window.scrollY + (above ? at.top - menu.offsetHeight : at.bottom)}px`;
    menu.style.right = `${document.documentElement.clientWidth - at.right}px`;
    find('a, button', menu).focus({ preventScroll: true });
}

function menuToggled(event) {
    if (event.target.id === 'post-menu' && event.newState === 'closed')
        menuState.closed = Date.now();
}

function clicked(event) {
    const target = event.target.closest?.('a, button, summary');
    closeMenus(event.target);
    if (!target || event.ctrlKey || event.metaKey || event.shiftKey)
        return;
    if (target.dataset.copyFrom) {
        copy(target, document.getElementById(target.dataset.copyFrom).value);
    } else if (target.dataset.copy) {
        event.preventDefault();
        copy(target, target.href);
    } else if (target.matches('.post__more')) {
        event.preventDefault();
        openMenu(target);
    } else if (target.dataset.reply && find('#composer')) {
        event.preventDefault();
        find('#post-menu').hidePopover();
        reply(document.getElementById(`post-${target.dataset.reply}`));
    } else if (target.id === 'reply-cancel') {
        event.preventDefault();
        reply(null);
    } else if (target.id === 'pill') {
        event.preventDefault();
        toEnd();
        seen();
        field()?.focus({ preventScroll: true });
    }
}

function pressed(event) {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && event.target.id === 'text') {
        event.preventDefault();
        event.target.form.requestSubmit();
    } else if (event.key === 'Escape') {
        const open = find('details.menu[open]');
        closeMenus(null);
        find('summary', open ?? document.createElement('i'))?.focus();
    }
}

on('htmx:before:swap', beforeSwap);
on('htmx:after:swap', afterSwap);
on('htmx:error', failed);
on('htmx:response:error', refused);
on('htmx:sse:error', streamFailed);
on('htmx:sse:after:connection', connected);
on('htmx:before:request', event => {
    // The page shows an older part of the dialogue: what is new comes when one has come so far.
    if (event.target.id === 'catch-up' && find('#newer a'))
        event.preventDefault();
});
on('htmx:config:request', event => {
    const { ctx } = event.detail;
    ctx.unseen = event.target.id === 'catch-up' && !looking();
    if (ctx.unseen)
        ctx.request.headers['X-Unseen'] = 'true';
});
on('samtraad:leave', leave);
on('changed', changed);
on('read', readElsewhere);
on('click', clicked);
on('keydown', pressed);
on('beforetoggle', menuToggled, { capture: true });
on('input', event => { if (event.target.id === 'text' && event.target.form?.id === 'composer') typed(); });
on('submit', event => { if (event.target.id === 'session-stay') stay(event); });
on('scroll', () => { seen(); if (unseen) showUnseen(); }, { passive: true });
window.addEventListener('focus', seen);
window.addEventListener('pagehide', saveDraft);
window.addEventListener('online', () => { sendAgain(); trigger('#live', 'samtraad:connect'); catchUp(); });
// A phone that slept may hold a stream that is dead without knowing.
on('visibilitychange', () => { if (!document.hidden) catchUp(); });
window.addEventListener('offline', () => sayOffline(true));

for (const button of findAll('[data-copy-from]'))
    button.hidden = false;
if (find('#posts') && !window.location.hash && performance.getEntriesByType('navigation')[0]?.type === 'navigate') {
    if (find('#new'))
        find('#new').scrollIntoView({ block: 'center' });
    else if (!find('#newer a') && find('.dialogue').dataset.fresh === undefined)   // otherwise the page begins with the first that was not read
        toEnd();
}
grow();
if (warning && ends > Date.now())
    window.setTimeout(watchSession, 1000);

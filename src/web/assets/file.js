// SPDX-License-Identifier: MPL-2.0
// Pictures and files beside a message: chosen, dropped or pasted, sent in pieces, and taken up again where a lost connection or a closed page left them. Without
// this the paper clip leads to a page with a form.

const find = (selector, within = document) => within.querySelector(selector);
const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];
const words = find('#tray-new').dataset;
const MOST = 10;

const queue = [];          // what is on its way: { file, row, id, stop }
const saving = new Set();  // descriptions on their way
let working = false;
let sendAfterwards = false;

const csrf = () => find('#composer [name=csrf]').value;
const pause = milliseconds => new Promise(resolve => window.setTimeout(resolve, milliseconds));
const address = (item, what) => `${find('#tray').dataset.files}/${item.id}/${what}`;

/* The server: JSON there and back. An answer below 500 is an answer; all else is a connection that is lost for now. */

class Refused extends Error {}

function ask(method, path, body, progress) {
    return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open(method, path);
        request.setRequestHeader('Accept', 'application/json');
        if (method === 'POST')
            request.setRequestHeader('X-CSRF-Token', csrf());
        if (progress)
            request.upload.onprogress = event => progress(event.loaded / event.total);
        request.onerror = request.onabort = request.ontimeout = () => reject(new Error('connection'));
        request.onload = () => answered(request, resolve, reject);
        request.timeout = 120000;
        if (body && !(body instanceof FormData)) {
            request.setRequestHeader('Content-Type', 'application/json');
            body = JSON.stringify(body);
        }
        request.send(body);
    });
}

function answered(request, resolve, reject) {
    if (request.status === 401)
        document.dispatchEvent(new Event('samtraad:leave'));
    if (request.status >= 500 || request.status === 429)
        return reject(new Error('busy'));
    let said = {};
    try {
        said = JSON.parse(request.responseText);
    } catch {
        return reject(new Error('connection'));
    }
    if (request.status >= 400)
        return reject(new Refused(said.errors?.[0]?.message || said.title || words.failed));
    return resolve(said);
}

// Asks until there is an answer, or the person takes the file away.
async function insist(item, method, path, body, progress) {
    for (;;) {
        try {
            const said = await ask(method, path, body, progress);
            tell(item, '');
            return said;
        } catch (fault) {
            if (fault instanceof Refused || item.stop)
                throw fault;
            tell(item, words.waiting);
            await Promise.race([pause(4000), new Promise(resolve => window.addEventListener('online', resolve, { once: true }))]);
        }
    }
}

/* One file at a time, so that a slow line finishes some rather than none */

function tell(item, text, bad = false) {
    const state = find('.tray__state', item.row);
    if (state.textContent !== text)
        state.textContent = text;
    item.row.classList.toggle('tray__item--bad', bad);
}

function show(item, part) {
    find('progress', item.row).value = Math.round(100 * part);
}

async function sendPieces(item, { offset, size, piece }) {
    let at = offset;
    while (at < size && !item.stop) {
        const from = at;
        const form = new FormData();
        form.append('offset', String(from));
        form.append('data', item.file.slice(from, from + piece), 'piece');
        ({ offset: at } = await insist(item, 'POST', address(item, 'piece'), form, part => show(item, (from + part * Math.min(piece, size - from)) / size)));
        show(item, at / size);
    }
}

// Who is told that the check can't be done just now waits, and asks again.
async function finish(item) {
    for (;;) {
        find('progress', item.row).removeAttribute('value');
        tell(item, words.checking);
        const made = await insist(item, 'POST', address(item, 'finish'), {});
        if (made.ready)
            return;
        if (!made.again || item.stop)
            throw new Refused(made.error);
        tell(item, made.error);
        await pause(15000);
    }
}

async function send(item) {
    let state;
    if (item.id) {
        state = await insist(item, 'GET', address(item, 'upload'));
    } else {
        state = await insist(item, 'POST', find('#tray').dataset.files, { name: item.file.name || 'fil', size: item.file.size });
        item.id = state.id;
    }
    await sendPieces(item, state);
    if (!item.stop)
        await finish(item);
}

async function refresh() {
    const answer = await fetch(find('#tray').dataset.tray, { headers: { 'HX-Request': 'true', 'X-Idle': 'true' } }).catch(() => null);
    if (!answer?.ok || answer.redirected)
        return;
    const fresh = document.createRange().createContextualFragment(await answer.text());
    find('#tray').replaceWith(find('#tray', fresh));
    window.htmx.process(find('#tray'));
    looked();
}

async function work() {
    if (working)
        return;
    working = true;
    while (queue.length) {
        const item = queue[0];
        try {
            await send(item);
            item.row.remove();
            await refresh();
        } catch (fault) {
            find('progress', item.row).remove();
            if (item.stop)
                item.row.remove();
            else
                tell(item, fault instanceof Refused ? fault.message : words.failed, true);
        }
        queue.shift();
    }
    working = false;
    if (sendAfterwards)
        find('#composer').requestSubmit();
    sendAfterwards = false;
}

/* Choosing */

// A file that did not come all the way before is known by its name and size.
function partOf(file) {
    return findAll('#tray [data-arriving="1"]').find(row => row.dataset.name === file.name && Number(row.dataset.size) === file.size);
}

function add(files) {
    const list = find('#tray-sending');
    for (const file of files) {
        const row = find('#tray-new').content.firstElementChild.cloneNode(true);
        const item = { file, row, id: null, stop: false };
        const part = partOf(file);
        find('.tray__name', row).textContent = file.name;
        find('button', row).addEventListener('click', () => take(item));
        list.append(row);
        if (part) {
            item.id = part.dataset.file;
            part.remove();
        } else if (findAll('#tray .tray__item').length + queue.length >= MOST) {
            find('progress', row).remove();
            tell(item, words.many, true);
            continue;
        }
        queue.push(item);
    }
    work();
}

// Takes away what is on its way, or what was refused.
async function take(item) {
    item.stop = true;
    if (!queue.includes(item)) {
        item.row.remove();
    } else if (item.id) {
        await ask('POST', address(item, 'remove'), {}).catch(() => {});
    } else if (queue[0] !== item) {
        queue.splice(queue.indexOf(item), 1);
        item.row.remove();
    }
    find('#text').focus();
}

const dropped = event => [...event.dataTransfer?.types ?? []].includes('Files');

/* The message itself */

async function describe(form) {
    const body = { about: find('[name=about]', form).value };
    const request = ask('POST', form.getAttribute('action'), body).catch(() => {});
    saving.add(request);
    await request;
    saving.delete(request);
}

// Nobody has to write where there is a picture.
function looked() {
    find('#text').required = findAll('#tray .tray__item').length === 0;
}

async function hold(event) {
    const waits = queue.length > 0 || saving.size > 0;
    if (!waits)
        return;
    event.preventDefault();
    event.stopImmediatePropagation();
    sendAfterwards = queue.length > 0;
    if (!sendAfterwards) {
        await Promise.all(saving);
        find('#composer').requestSubmit();
    }
}

const input = find('#attach-input');
document.addEventListener('click', event => {
    if (event.target.closest?.('#attach')) {
        event.preventDefault();
        input.click();
    }
});
input.addEventListener('change', () => {
    add(input.files);
    input.value = '';
    find('#text').focus();
});
document.addEventListener('paste', event => {
    if (event.clipboardData?.files.length) {
        event.preventDefault();
        add(event.clipboardData.files);
    }
});
document.addEventListener('dragover', event => {
    if (dropped(event)) {
        event.preventDefault();
        find('.dock').dataset.drop = words.drop;
    }
});
document.addEventListener('dragleave', event => { if (!event.relatedTarget) delete find('.dock').dataset.drop; });
document.addEventListener('drop', event => {
    delete find('.dock').dataset.drop;
    if (dropped(event)) {
        event.preventDefault();
        add(event.dataTransfer.files);
    }
});
document.addEventListener('change', event => { if (event.target.matches('.tray__about [name=about]')) describe(event.target.form); });
document.addEventListener('submit', event => {
    if (event.target.matches('.tray__about')) {
        event.preventDefault();
        describe(event.target);
    } else if (event.target.id === 'composer') {
        hold(event);
    }
}, { capture: true });
document.addEventListener('htmx:after:swap', event => {
    const { ctx } = event.detail;
    if (ctx.sourceElement?.id === 'composer')
        refresh();
    else if (ctx.sourceElement?.closest?.('#tray') || ctx.target?.id === 'tray')
        looked();
});
window.addEventListener('beforeunload', event => { if (queue.length) event.preventDefault(); });
looked();

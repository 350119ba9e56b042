// SPDX-License-Identifier: MPL-2.0
// Finds the checks of permission and visibility in the source. Each is a place where a mutant can switch the check off: patterns find what has the
// form of a check, so that a new one is in the run by itself, and chosen.mjs lists what has no form of its own.
import { chosen, decisions } from './chosen.mjs';
import { files, read } from '../static/source.mjs';

/** Functions that answer whether something is allowed, or from where on it is seen; and what each says when it no longer checks. */
const checks = {
    policy_allows: 'true', policy_sight: 'SIGHT_NAME', dialogue_first_visible: '1', dialogue_check_genuine: '0', dialogue_is_open: 'true', post_editable: 'true', may_end: '0',
    may_read: 'true', is_visible: 'true', admin_scope: '0', admin_covers: 'true', covers: 'true', is_guest: 'true',
    csrf_matches: 'true', csrf_same_origin: 'true', forgery_check: 'PROBLEM_NONE', limit_check: 'PROBLEM_NONE', call_permit: 'PROBLEM_NONE', withdrawn_since: 'false',
    dialogue_state_at: (call) => call.slice(call.indexOf('(') + 1, call.lastIndexOf(',', call.lastIndexOf(',') - 1)),   // as it is stored, whatever has run out
    outsider: 'false', is_genuine: 'true', secret_equal: 'true', sodium_memcmp: '0',
};

const sources = /^src\/(feature\/.*|web\/(session|csrf|call|read|write|hub|menu|answer))\.c$/;
const queries = /^src\/(feature\/.*|web\/session)\.sql$/;
const refusal = '-E(?:ACCES|PERM|NOENT|KEYEXPIRED|TIME|STALE)';

const isTest = (name) => /_(test|fuzz|fixture)\w*\.c$/.test(name);
const short = (name) => name.replace(/^src\/(feature\/)?/, '');
const line = (text, at) => text.slice(text.lastIndexOf('\n', at - 1) + 1, (text.indexOf('\n', at) + text.length + 1) % (text.length + 1));

/** The place behind the bracket that closes the one at 'at'. */
export function closing(text, at) {
    let depth = 0;
    for (let i = at; i < text.length; i++) {
        if (text[i] === '(') depth++;
        else if (text[i] === ')' && --depth === 0) return i + 1;
    }
    throw new Error(`a bracket is never closed: ${text.slice(at, at + 80)}`);
}

/**
 * A mutant of C: the expression from 'at' to 'end' is 'value' when the mutant is on. The switch of a condition or a call is asked last, and so is that of a query:
 * only where the check would have said otherwise, so that a test comes by a mutant only when something differs with it.
 */
function wrap(file, kind, at, end, value, text) {
    const one = { file, kind, at, end, what: text.slice(at, end).replace(/\s+/g, ' ') };
    if (kind !== 'call' && value === 'false') return { ...one, before: () => '((', after: (n) => `) && !mutant_on(${n}))` };
    if (kind !== 'call' && value === 'true') return { ...one, before: () => '((', after: (n) => `) || mutant_on(${n}))` };
    if (kind === 'call') return { ...one, before: (n) => `({ __auto_type said_${n} = (`, after: (n) => `); said_${n} != (${value}) && mutant_on(${n}) ? (${value}) : said_${n}; })` };
    return { ...one, before: (n) => `(mutant_on(${n}) ? (${value}) : (`, after: () => '))' };   // what is not to happen at all
}

/** Whether what stands before a question mark asks something, other than how a step before it ended. */
const isCondition = (text) => !/-E|\brows\b|^result < 0$|^\d+$|[^=!<>]=[^=]/.test(text) && text.split('(').length === text.split(')').length;

/** if (…) that leads to nothing but a refusal. */
function* refusals(file, text) {
    for (const { index, 0: all } of text.matchAll(/\bif \(/g)) {
        const at = index + all.length, end = closing(text, at - 1) - 1;
        if (new RegExp(`^\\)\\s*(\\{\\s*)?(return|result =) ${refusal};`).test(text.slice(end))) yield wrap(file, 'refusal', at, end, 'false', text);
        // What a form refuses is mostly what was typed; not so when it hangs on who one is.
        else if (/^\)\s*(\{\s*)?return request_refuse\(/.test(text.slice(end)) && /\b(role|relation|unit|member|session|coordinator)\b/.test(text.slice(at, end))) yield wrap(file, 'refusal', at, end, 'false', text);
    }
    for (const { index, 0: all, 1: lead, 2: condition } of text.matchAll(new RegExp(`((?:return|=) )([^;?{}]+?) \\? ${refusal} :`, 'g')))
        if (isCondition(condition)) yield wrap(file, 'refusal', index + lead.length, index + lead.length + condition.length, 'false', text);
    for (const { index, 0: all, 1: lead, 2: condition } of text.matchAll(new RegExp(`((?:return|=) )([^;?{}]+?) \\? [^;:]+ : ${refusal};`, 'g')))
        if (isCondition(condition)) yield wrap(file, 'refusal', index + lead.length, index + lead.length + condition.length, 'true', text);
}

function* calls(file, text) {
    for (const [name, value] of Object.entries(checks)) {
        for (const { index } of text.matchAll(new RegExp(`(?<![\\w.])${name}\\(`, 'g'))) {
            if (/^\S/.test(line(text, index)) && !line(text, index).startsWith('#')) continue;   // its definition
            const end = closing(text, index + name.length);
            yield wrap(file, 'call', index, end, typeof value === 'string' ? value : value(text.slice(index, end)), text);
        }
    }
}

/** The conditions of one query: [at, end] of each, brackets and subqueries respected. */
function conditions(text, at, end) {
    const found = [], open = [];
    let depth = 0;
    const finish = (to, below = depth) => {
        while (open.length && open.at(-1).depth >= below) found.push([open.pop().at, to]);
    };
    for (const { index, 0: word } of text.slice(at, end).matchAll(/--[^\n]*|'[^']*'|[()]|\b(?:WHERE|ON CONFLICT|ON|AND|ORDER BY|GROUP BY|LIMIT|JOIN|LEFT JOIN|UNION ALL|UNION|SELECT|CASE|END)\b|;/g)) {
        const place = at + index;
        if (word.startsWith('--') || word.startsWith("'")) continue;
        if (word === '(') depth++;
        else if (word === ')') { finish(place); depth--; }
        else if (word === 'CASE') depth++;
        else if (word === 'END') { finish(place); depth--; }
        else finish(place);
        if (/^(WHERE|ON|AND)$/.test(word) && !(word === 'AND' && depth > 0 && !/\b(WHERE|ON)\b/.test(innermost(text, at, place)))) open.push({ depth, at: place + word.length + 1 });
    }
    return found.map(([from, to]) => [from, from + text.slice(from, to).trimEnd().length]).sort(([a], [b]) => a - b);
}

/** What stands in the innermost open bracket before 'place'. */
function innermost(text, from, place) {
    let depth = 0;
    for (let i = place - 1; i >= from; i--) {
        if (text[i] === ')') depth++;
        else if (text[i] === '(' && --depth < 0) return text.slice(i, place);
    }
    return text.slice(from, place);
}

// Conditions that only find the row which the program means: a join, a key, a page. What is left restricts.
const place = new RegExp([
    '^\\w+\\.\\w+ = \\w+\\.\\w+$', '^[\\w.]*\\b(id|seq|one|dialogue|number|entry|part|piece|proposal|record|epoch|provider|share|key|state|cpr|login|name_birth|token|days|hidden) = :(?!before|open|active)\\w+$',
    '^[\\w.]+ <> 0$', '^seq < :before$', '^number < :before$', '^id = 1$',
].join('|'));

function* conditionsOf(file, text) {
    const starts = [...text.matchAll(/^-- name: (\w+) .*$/gm)];
    for (const [i, { index, 0: head, 1: name }] of starts.entries()) {
        const from = index + head.length, next = starts[i + 1]?.index ?? text.length, other = text.indexOf('\n-- postgres:', from);
        const to = other < 0 ? next : Math.min(next, other);   // the scenarios run on SQLite
        for (const [at, end] of conditions(text, from, to)) {
            const what = text.slice(at, end).replace(/\s+/g, ' ');
            if (!place.test(what)) yield { file, kind: 'sql', query: name, at, end, what, before: () => '((', after: (n) => `) OR mutant(${n}))` };
        }
    }
}

/** Where an expression stands in a file: once, or it is a mistake of the list. */
function onlyPlace({ name, file, expression }) {
    const text = read(file), at = text.indexOf(expression);
    if (at < 0 || text.indexOf(expression, at + 1) >= 0) throw new Error(`${file}: "${expression}" (${name}) stands there ${at < 0 ? 'no more' : 'more than once'}`);
    return { text, at };
}

function* chosenOnes() {
    for (const one of chosen) {
        const { name, file, expression, value } = one, { text, at } = onlyPlace(one);
        yield { ...wrap(file, 'chosen', at, at + expression.length, value, text), label: name };
    }
}

const covers = (outer, inner) => outer.file === inner.file && outer !== inner && outer.at <= inner.at && outer.end >= inner.end;

/** A call that is all of a refusal's condition is the same mutant. */
const isSame = (refused, call) => covers(refused, call) && refused.kind === 'refusal' && call.kind === 'call'
    && [`!${call.what}`, `result == 0 && !${call.what}`, call.what, `result == 0 && ${call.what}`].includes(refused.what);

/** What the patterns find in one file. */
export const mutantsOf = (file, text) => (file.endsWith('.sql') ? [...conditionsOf(file, text)] : [...refusals(file, text), ...calls(file, text)]);

/** All mutants that a switch turns on, in a stable order, each with a name that says where and what. */
export function findSwitched() {
    const all = [...files(sources).filter((name) => !isTest(name)), ...files(queries).filter((name) => !/\/\d{4}_/.test(name))].flatMap((file) => mutantsOf(file, read(file)));
    all.push(...chosenOnes());
    const kept = all.filter((one) => !all.some((other) => isSame(other, one)));
    const times = new Map();
    for (const one of kept) {
        const base = one.label ?? `${short(one.file)}${one.query ? `:${one.query}` : ''}: ${one.what.length > 90 ? `${one.what.slice(0, 88)}…` : one.what}`;
        times.set(base, (times.get(base) ?? 0) + 1);
        one.name = times.get(base) > 1 ? `${base} (${times.get(base)})` : base;
    }
    return kept.map((one, index) => ({ ...one, number: index + 1 }));
}

/** A file's text with all of its mutants in it, each off. */
export function switchedText(file, mutants) {
    const text = read(file), marks = [];
    for (const one of mutants) {
        marks.push({ at: one.at, order: one.end - one.at, opens: true, text: one.before(one.number) });
        marks.push({ at: one.end, order: one.end - one.at, opens: false, text: one.after(one.number) });
    }
    // At one place what was opened last is closed first, and the widest is opened first.
    marks.sort((a, b) => a.at - b.at || Number(a.opens) - Number(b.opens) || (a.opens ? b.order - a.order : a.order - b.order));
    let out = '', from = 0;
    for (const mark of marks) {
        out += text.slice(from, mark.at) + mark.text;
        from = mark.at;
    }
    return out + text.slice(from);
}

/** Every route's row: what 'samtraad matrix' calls it, and what opens it to anyone. */
export function findRoutes() {
    return files(/^src\/(feature\/.*|web\/system)\.c$/).filter((name) => !isTest(name)).flatMap((file) => {
        const text = read(file);
        const rows = [...text.matchAll(/\.method = METHOD_(GET|POST),\s*\.path = "([^"]+)",\s*\.permission = (PERMISSION_\w+)/g)].filter(([, , , permission]) => permission !== 'PERMISSION_ANYONE')
            .map(({ index, 0: all, 1: method, 2: path, 3: permission }) =>
                ({ file, name: `${method} ${path}`, at: index + all.length - permission.length, end: index + all.length, value: 'PERMISSION_ANYONE' }));
        // Rows by a macro that says the permission: what comes last holds.
        const more = [...text.matchAll(/^ +[A-Z]+_(GET|POST)\("([^"]+)", (AUDIT_\w+)/gm)].map(({ index, 0: all, 1: method, 2: path, 3: audit }) =>
            ({ file, name: `${method} ${path}`, at: index + all.length - audit.length, end: index + all.length, value: `${audit}, .permission = PERMISSION_ANYONE` }));
        return [...rows, ...more];
    });
}

/** Every entry of the policy's tables, with what gives everybody everything in its place. */
export function findPolicy() {
    const decided = decisions.map((one) => {
        const { at } = onlyPlace(one);
        return { file: one.file, name: `${short(one.file)}: ${one.name}`, at, end: at + one.expression.length, value: one.value };
    });
    return [...decided, ...['src/policy/policy.c', 'src/policy/sight.c'].flatMap((file) => {
        const text = read(file);
        let row = '';
        const found = [];
        for (const { index, 0: all, 1: key, 2: value } of text.matchAll(/\[((?:PERMISSION|RELATION)_\w+)\] = (\{|[^,\n"]+),?/g)) {
            if (text.slice(index + all.length - value.length - 1).startsWith('"') || value === '}') continue;
            if (value === '{') { row = `${key} `; continue; }
            if (key.startsWith('PERMISSION')) row = '';
            const at = index + all.indexOf(value, key.length + 3), wide = /SIGHT/.test(value) ? 'SIGHT_NAME' : value === 'true' ? 'false' : '~0u';
            if (value === wide) continue;
            const table = /(\w+)\[\w+\](?:\[\w+\])? = \{(?![^]*\] = \{\n[^]*\bstatic\b)/.exec(text.slice(0, index).split('static ').at(-1))?.[1] ?? 'table';
            found.push({ file, name: `${short(file)}: ${table} ${table === 'by_relation' ? row : ''}${key}`, at, end: at + value.length, value: wide });
        }
        return found;
    })];
}

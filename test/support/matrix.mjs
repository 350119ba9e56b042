// SPDX-License-Identifier: MPL-2.0
// Reads who may do what from test/golden/matrix.txt: the rights as they were reviewed, not as the program under test says them.
import { readFileSync } from 'node:fs';
import path from 'node:path';

const columns = (line) => line.trim().split(/\s{2,}/);

/** [{ method, path, rows: Map role → { relation: states, '': yes } }]: 'states' has a letter for each state of a dialogue, '.' for none. */
export function readMatrix(text = readFileSync(path.resolve(import.meta.dirname, '../golden/matrix.txt'), 'utf8')) {
    return text.split(/\n(?=(?:GET|POST) \/)|^(?=(?:GET|POST) \/)/m).filter((one) => /^(GET|POST) \//.test(one)).map((section) => {
        const [head, , ...lines] = section.split('\n\n')[0].split('\n');
        const [method, target] = head.split(' ');
        const relations = /^\s+none\s/.test(lines[0] ?? '') ? columns(lines.shift()) : [''];
        const rows = new Map(lines.filter((line) => line.trim()).map(columns).map(([role, ...cells]) => [role, Object.fromEntries(relations.map((name, i) => [name, cells[i]]))]));
        return { method, path: target, rows, inDialogue: relations.length > 1 };
    });
}

/** Whether a role and relation may use a route on a dialogue in that state ('o' open, 'c' closed, 's' side talk …), or at all. */
export function may(route, { role, relation }, state) {
    const cell = route.rows.get(role)[route.inDialogue ? relation : ''];
    return route.inDialogue ? cell !== '.' && cell.includes(state) : cell;
}

// SPDX-License-Identifier: MPL-2.0
// Just enough of a browser to read a page the way a person does: visible text, links, forms with their fields.
import { parse } from 'parse5';

const hidden = new Set(['script', 'style', 'template', 'head']);

export class Page {
    constructor(markup) {
        this.markup = markup;
        this.root = parse(markup);
    }

    /** All elements that fit 'test' (a tag name or a function of node). */
    all(test, from = this.root) {
        const fits = typeof test === 'function' ? test : (node) => node.tagName === test;
        const found = [];
        const walk = (node) => {
            if (node.tagName && fits(node)) found.push(node);
            for (const child of node.childNodes ?? []) walk(child);
        };
        walk(from);
        return found;
    }

    one(test, from) {
        return this.all(test, from)[0];
    }

    /** Visible text with white space collapsed. */
    text(from = this.root) {
        const parts = [];
        const walk = (node) => {
            if (node.nodeName === '#text') parts.push(node.value);
            else if (!hidden.has(node.tagName)) for (const child of node.childNodes ?? []) walk(child);
        };
        walk(from);
        return parts.join(' ').replace(/\s+/g, ' ').trim();
    }

    /** The element with that id. */
    id(id) {
        return this.one((node) => attr(node, 'id') === id);
    }

    /** All elements of a class. */
    classed(name, from) {
        return this.all((node) => attr(node, 'class')?.split(/\s+/).includes(name), from);
    }

    get lang() {
        return attr(this.one('html'), 'lang');
    }

    get links() {
        return this.all('a').filter((a) => attr(a, 'href') !== undefined).map((a) => ({ href: attr(a, 'href'), text: this.text(a) }));
    }

    /** The form whose action fits 'action' (text: equal; RegExp) and that has a field 'field', with the values a browser would send. */
    form(action, field) {
        const node = this.all('form').find((form) => {
            const own = attr(form, 'action') ?? '';
            if (action instanceof RegExp ? !action.test(own) : own !== action) return false;
            return !field || this.all((one) => attr(one, 'name') === field, form).length > 0;
        });
        if (!node) return undefined;
        return { action: attr(node, 'action'), method: (attr(node, 'method') ?? 'get').toLowerCase(), values: this.values(node), node };
    }

    /** What a browser would send of a form. */
    values(form) {
        const values = {};
        const fields = (one) => ['input', 'textarea', 'select'].includes(one.tagName);
        const elsewhere = attr(form, 'id') ? this.all((one) => fields(one) && attr(one, 'form') === attr(form, 'id')) : [];
        for (const node of [...this.all(fields, form), ...elsewhere]) {
            const name = attr(node, 'name');
            if (!name) continue;
            const type = attr(node, 'type');
            if (type === 'submit' || type === 'file' || attr(node, 'disabled') !== undefined) continue;
            if ((type === 'checkbox' || type === 'radio') && attr(node, 'checked') === undefined) continue;
            if (node.tagName === 'textarea') values[name] = node.childNodes.map((child) => child.value ?? '').join('');
            else if (node.tagName === 'select') {
                const options = this.all('option', node);
                const chosen = options.find((option) => attr(option, 'selected') !== undefined) ?? options[0];
                if (chosen) values[name] = attr(chosen, 'value') ?? this.text(chosen);
            } else values[name] = attr(node, 'value') ?? (type === 'checkbox' ? 'on' : '');
        }
        return values;
    }
}

export function attr(node, name) {
    return node?.attrs?.find((one) => one.name === name)?.value;
}

// SPDX-License-Identifier: MPL-2.0
// Holds every JSON answer against the server's own OpenAPI document.
import assert from 'node:assert/strict';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const escapePointer = (part) => part.replaceAll('~', '~0').replaceAll('/', '~1');

export class Contract {
    #ajv = new Ajv2020({ strict: false, allErrors: true });

    constructor(document) {
        this.document = document;
        addFormats(this.#ajv);
        this.#ajv.addSchema(document, 'api');
        this.templates = Object.keys(document.paths).map((template) => ({
            template,
            pattern: new RegExp(`^${template.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+')}$`),
        })).sort((a, b) => a.template.split('{').length - b.template.split('{').length);
    }

    static async of(url) {
        const answer = await fetch(`${url}/api/openapi.json`);
        assert.equal(answer.status, 200, 'the server describes itself at /api/openapi.json');
        return new Contract(await answer.json());
    }

    /** Throws unless the document promises an answer like this. */
    check(method, pathname, status, json) {
        const found = this.templates.find((one) => one.pattern.test(pathname));
        if (!found) {
            assert.equal(status, 404, `${pathname} answers JSON but is in no path of the OpenAPI document`);
            return;
        }
        const operation = this.document.paths[found.template][method.toLowerCase()];
        if (!operation) {
            assert.equal(status, 405, `${method} ${found.template} is not in the OpenAPI document`);
            return;
        }
        const range = `${Math.floor(status / 100)}XX`;
        const key = [String(status), range, 'default'].find((one) => operation.responses[one]);
        assert.ok(key, `${method} ${found.template} answered ${status}, which the OpenAPI document does not promise`);
        const base = ['paths', found.template, method.toLowerCase(), 'responses', key];
        let node = operation.responses[key];
        let pointer = base.map(escapePointer).join('/');
        if (node.$ref) {
            pointer = node.$ref.replace(/^#\//, '');
            node = pointer.split('/').reduce((at, part) => at[part.replaceAll('~1', '/').replaceAll('~0', '~')], this.document);
        }
        const type = Object.keys(node.content ?? {}).find((one) => one.includes('json'));
        assert.ok(type, `${method} ${found.template} ${status}: the OpenAPI document promises no JSON`);
        const where = `api#/${pointer}/content/${escapePointer(type)}/schema`.replace(/[{}]/g, encodeURIComponent);
        const validate = this.#ajv.getSchema(where) ?? this.#ajv.compile({ $ref: where });
        assert.ok(validate(json), `${method} ${pathname} ${status}: ${this.#ajv.errorsText(validate.errors)}\n${JSON.stringify(json)}`);
    }
}

// SPDX-License-Identifier: MPL-2.0
// Which floor may know which. A pure function over file names and their text, so that the test can plant violations.

const below = {
    base: [],
    store: ['base'],
    crypt: ['base', 'store'],
    policy: ['base'],
    picture: ['base'],
    audit: ['base', 'store', 'crypt'],
    web: ['base', 'store', 'crypt', 'audit', 'policy'],
    mail: ['base', 'store', 'crypt', 'audit', 'policy', 'web'],
    feature: ['base', 'store', 'crypt', 'audit', 'policy', 'picture', 'web', 'mail'],
    command: ['base', 'store', 'crypt', 'audit', 'policy', 'picture', 'web', 'mail', 'feature'],
};

/** Headers of a feature that others may include beside the one that is named like it. */
const open = ['feature/dialogue/post.h', 'feature/participant/invitation.h'];

/** Lines like "src/store/db.c:3 includes web/html.h: store must not know web". */
export function wrongArrows(name, text) {
    const [, floor, rest] = /^src\/([a-z]+)\/(.+)$/.exec(name) ?? [];
    if (!below[floor]) return [];
    const feature = floor === 'feature' ? rest.split('/')[0] : undefined;
    const wrong = [];
    text.split('\n').forEach((line, index) => {
        const included = /^\s*#\s*include\s+"([^"]+)"/.exec(line)?.[1];
        if (!included) return;
        const where = `${name}:${index + 1} includes ${included}`;
        if (/\.c$/.test(included)) wrong.push(`${where}: a .c file is nobody's header`);
        const [, target, other] = /^([a-z]+)\/(?:([a-z_]+)\/)?/.exec(included) ?? [];
        if (!below[target] || (target === floor && floor !== 'feature')) return;
        if (!below[floor].includes(target) && target !== floor) wrong.push(`${where}: ${floor} must not know ${target}`);
        if (target === 'feature' && feature && other !== feature && included !== `feature/${other}/${other}.h` && !open.includes(included)) {
            wrong.push(`${where}: features talk to each other through feature/${other}/${other}.h only`);
        }
    });
    return wrong;
}

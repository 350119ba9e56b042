// SPDX-License-Identifier: MPL-2.0
// The pages for searching and printing, in the demonstration municipality. Part of the tour: whoever is signed in coordinates the dialogue at 'first'.

/** go(path, name) opens a page and visits it. */
export async function tourSearch(go, first) {
    await go('/search', 'search');
    await go('/search?q=m%C3%B8de', 'search-found');
    await go('/search?q=giraf', 'search-nothing');
    await go('/search?q=a', 'search-too-little');
    await go(`${first}/search?q=emil`, 'search-dialogue');
}

export async function tourPrint(go, first) {
    await go(`${first}/print`, 'print');
    await go(`${first}/print?from=2020-01-01&to=2020-01-02`, 'print-nothing');
    await go(`${first}/print?from=2026-01-02&to=2026-01-01`, 'print-wrong');
}

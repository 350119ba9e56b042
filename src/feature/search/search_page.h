// SPDX-License-Identifier: MPL-2.0
// From what was found to what is shown.
#pragma once

#include "feature/search/search.h"
#include "feature/search/search_view.h"
#include "web/request.h"

// Fills the hits of a view: each is read anew as the reader may by now, and noted in the log as shown. Hits that the reader may no
// longer read are left out.
int search_page_hits(struct request *request, const struct search_query *query, const struct search_found *found, struct search_view *view);

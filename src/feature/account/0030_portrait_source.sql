-- SPDX-License-Identifier: MPL-2.0
-- The picture that a portrait was cut from, so that the cut can be changed.

CREATE TABLE portrait_source (
    person INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    sealed BLOB NOT NULL             -- the cut, and the picture as we made it anew (WebP); under the directory key
);

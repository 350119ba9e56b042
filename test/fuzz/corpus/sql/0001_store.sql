-- SPDX-License-Identifier: MPL-2.0
-- What waits to be sent. The payload is sealed under the installation's directory key with the id as its object.
CREATE TABLE outbox (
    id BIGINT NOT NULL PRIMARY KEY,
    kind BIGINT NOT NULL,
    due BIGINT NOT NULL,
    payload BLOB NOT NULL
);
CREATE INDEX outbox_due ON outbox (due);

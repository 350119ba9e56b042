-- SPDX-License-Identifier: MPL-2.0
-- Units of the municipality and everybody who can sign in. What names or describes them is sealed; look-ups go through keyed hashes.

-- sealed: the unit's name, with the id as object and version 0.
CREATE TABLE unit (
    id INTEGER PRIMARY KEY,
    sealed BLOB NOT NULL,
    created BIGINT NOT NULL
);

-- role: enum role. unit: of employees. language: enum language, 0 until chosen. login: issuer and subject. name_birth: folded name and date of
-- birth. sealed: see web/person.h. portrait: id of the picture.
CREATE TABLE person (
    id INTEGER PRIMARY KEY,
    role BIGINT NOT NULL,
    unit BIGINT REFERENCES unit (id),
    language BIGINT NOT NULL,
    login BLOB UNIQUE,
    cpr BLOB UNIQUE,
    name_birth BLOB,
    sealed BLOB NOT NULL,
    portrait BIGINT,
    version BIGINT NOT NULL,
    created BIGINT NOT NULL
);
CREATE INDEX person_name_birth ON person (name_birth);
CREATE INDEX person_unit ON person (unit);

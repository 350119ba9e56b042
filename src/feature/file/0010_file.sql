-- SPDX-License-Identifier: MPL-2.0
-- Pictures and files of posts. Their bytes lie sealed in the data folder, in files/; here is the key to each, itself sealed.

CREATE TABLE file (
    id INTEGER PRIMARY KEY,
    dialogue INTEGER NOT NULL,
    owner INTEGER NOT NULL,          -- who sent it
    post INTEGER,                    -- the number of the post that it stands in; null: waits to be sent
    place INTEGER NOT NULL,          -- its place within the post
    created INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    sealed BLOB NOT NULL             -- key, name, kind, sizes, description; under the dialogue's key of that epoch, with the post as version
);
CREATE INDEX file_post ON file (dialogue, post, place);
CREATE INDEX file_owner ON file (owner, dialogue);
CREATE INDEX file_waiting ON file (created) WHERE post IS NULL;

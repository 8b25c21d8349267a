-- Times are microseconds since 1970 UTC.

-- What lets consoles open sealed transcripts: the record key's private half,
-- sealed for each. The broker stores and hands it out; it can't open it.
create table grants (
	public_key blob primary key, -- Ed25519, of the console
	sealed     blob not null, -- of package vault
	kept       bigint not null
);

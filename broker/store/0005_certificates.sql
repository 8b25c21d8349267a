-- Times are microseconds since 1970 UTC; 0 is "not yet".

-- What the organisation's key has signed for consoles. The broker stores and
-- hands it out; it can't make it.
create table certificates (
	public_key  blob primary key, -- Ed25519, of the console
	certificate blob not null, -- of package secret
	expires     bigint not null,
	kept        bigint not null
);

-- Times are microseconds since 1970 UTC; 0 is "not yet".

-- Each change of what an administrator decides about portals.
create table setting_versions (
	version integer primary key, -- from 1, without gaps
	at      bigint not null,
	by_rep  bigint not null -- 0: the local command
);

-- Documents of package settings, as each became in a version. Older ones stay:
-- they are the history.
create table setting_documents (
	name     text not null, -- portal:ID, or organisation for the rest
	version  bigint not null references setting_versions (version),
	document text not null, -- JSON; empty: taken away
	primary key (name, version)
);

-- Pictures in documents, once each.
create table pictures (
	hash blob primary key, -- SHA-256
	body blob not null
);

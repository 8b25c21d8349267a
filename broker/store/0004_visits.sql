-- Times are microseconds since 1970 UTC; 0 is "not yet".

create table visits (
	id     blob primary key, -- the session's
	page   blob not null, -- SHA-256 of the secret of the visitor's page
	ticket blob not null, -- SHA-256
	ended  bigint not null,
	record text not null -- the rest, in JSON
);

create index visits_ended on visits (ended);

create table waits (
	queue text not null,
	slot  integer not null, -- of a fixed number, used in turn
	ended bigint not null,
	place bigint not null, -- microseconds for each place in the queue
	primary key (queue, slot)
);

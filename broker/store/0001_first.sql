-- Times are microseconds since 1970 UTC; 0 is "not yet".

create table settings (
	name  text primary key,
	value blob not null
);

create table reps (
	id         integer primary key,
	name       text not null,
	public_key blob not null unique, -- Ed25519, of the rep's console
	created    bigint not null,
	revoked    bigint not null
);

create table enrolments (
	code_hash  blob primary key, -- SHA-256; the code itself is nowhere
	name       text not null,
	expires    bigint not null,
	used       bigint not null,
	rep        bigint references reps (id)
);

create table keys (
	rep     bigint not null references reps (id),
	request blob not null,
	number  text not null,
	made    bigint not null,
	expires bigint not null,
	state   integer not null,
	session blob not null,
	ended   bigint not null,
	why     integer not null,
	primary key (rep, request)
);

create index keys_ended on keys (ended);

create table sessions (
	id              blob primary key,
	rep             bigint not null references reps (id),
	request         blob not null,
	started         bigint not null,
	customer_ticket blob not null, -- SHA-256 of the ticket
	rep_ticket      blob not null, -- likewise
	customer_left   integer not null,
	ended           bigint not null,
	why             integer not null
);

create index sessions_ended on sessions (ended);
